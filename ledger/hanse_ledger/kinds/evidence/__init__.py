"""Evidence against members, on the record."""
