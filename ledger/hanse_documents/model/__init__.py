"""Typed values that readers fill, and how a document is refused."""
