"""The proof file and its numbered steps, the trust file, heads, derived state, the report."""
