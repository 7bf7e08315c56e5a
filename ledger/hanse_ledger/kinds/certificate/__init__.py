"""Certificates of origin."""
