"""Asking one node."""
