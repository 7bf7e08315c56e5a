"""What stands in records and entries whatever their kind: canonical bytes, members, genesis, commitments, aspects."""
