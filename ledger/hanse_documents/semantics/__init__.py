"""What fields mean whatever the syntax: EN 16931, codes, check digits, currencies."""
