"""The node's keys: heads, mutual TLS, tokens."""
