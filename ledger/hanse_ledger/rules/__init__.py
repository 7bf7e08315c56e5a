"""The rules: one file an object. Each is a list of requirements in a fixed order, then one change."""
