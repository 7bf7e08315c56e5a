"""Members' business: collecting, following, cosigning, evidence."""
