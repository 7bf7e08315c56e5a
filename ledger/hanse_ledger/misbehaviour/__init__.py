"""Evidence against members: contradicting heads, double votes, misstated blocks."""
