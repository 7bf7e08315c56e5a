"""Offline verification: proof files, and the heads of nodes."""
