"""From Python to JavaScript: the subset in which the ledger is written, and nothing beyond it."""
