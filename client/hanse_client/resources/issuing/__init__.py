"""Invoices on their way into the ledger: what becomes of a file, and many of them together."""
