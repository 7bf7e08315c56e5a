"""How results look, and how a command ends."""
