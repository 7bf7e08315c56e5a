"""Asking nodes, and what is believed of their answers."""
