"""Nodes' folders as the command line sees them."""
