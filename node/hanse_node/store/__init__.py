"""The durable home of one ledger."""
