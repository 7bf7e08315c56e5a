"""Orders: what a marketplace attests of a sale."""
