"""The verifier page: the ledger's own verifier, translated from Python when it is built, in one file."""
