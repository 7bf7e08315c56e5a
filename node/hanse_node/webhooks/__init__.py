"""Webhooks: what happens in the ledger, sent to receivers that the node's operator has named."""
