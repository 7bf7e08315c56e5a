"""Certificates of origin in other shapes than edi3's, and the wrappers that they travel in."""
