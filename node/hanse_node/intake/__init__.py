"""What comes in: quotas, and what became of records."""
