"""What a node keeps in the database beside its ledger: published proofs, and webhooks."""
