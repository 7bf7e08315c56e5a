"""Files and calls: what client and node share of the world outside the ledger."""
