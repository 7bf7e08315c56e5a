"""The members, and how they change."""
