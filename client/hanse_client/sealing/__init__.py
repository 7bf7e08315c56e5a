"""Sealed documents: a payload in canonical bytes, the age file around it, and how it compares with a record."""
