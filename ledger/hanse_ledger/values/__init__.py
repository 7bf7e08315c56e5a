"""What everything is made of: types, bounds, errors, hashes, keys, and the closed forms of text."""
