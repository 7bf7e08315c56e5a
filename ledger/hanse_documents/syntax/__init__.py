"""Readers, a file a format: UBL 2.1, certificates of origin, ISO 20022."""
