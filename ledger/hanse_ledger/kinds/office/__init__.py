"""Offices: members' public faces on the ledger."""
