"""Parties: pseudonyms with a key, enrolled by members."""
