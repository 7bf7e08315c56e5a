"""A ledger as a whole: audit, recovery, copies, restoring."""
