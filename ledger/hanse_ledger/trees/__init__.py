"""The trees: RFC 9162, the object tree, the map of claims."""
