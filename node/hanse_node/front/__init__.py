"""The listeners: connections, requests, TLS for clients."""
