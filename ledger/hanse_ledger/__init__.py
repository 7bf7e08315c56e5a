"""The ledger as a pure function: bytes and values in, bytes and values out.

Nothing here reads a clock, a file, a socket, an environment or a random number.
"""
