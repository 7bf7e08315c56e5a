"""Members and what is theirs: their changes, their offices."""
