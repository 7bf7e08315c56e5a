"""Commands of those who carry goods, and of whoever holds what is issued on them."""
