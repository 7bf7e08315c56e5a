"""Inboxes: what waits for a party, for an office, for an officer; and what comes and goes."""
