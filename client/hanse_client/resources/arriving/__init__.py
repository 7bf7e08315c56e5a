"""What arrives: the transactions of banks' messages, set against the payments that they confirm."""
