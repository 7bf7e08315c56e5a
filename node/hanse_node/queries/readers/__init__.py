"""Who reads: whose a key is, and how much of the ledger that opens."""
