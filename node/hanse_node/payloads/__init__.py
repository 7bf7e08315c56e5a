"""Sealed documents that this node keeps for their readers: bytes by hash, which nobody here can open."""
