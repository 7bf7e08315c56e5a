"""The home folder: keys, remembered heads, openings, what was sent and is not settled."""
