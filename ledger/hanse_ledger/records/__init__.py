"""What travels: the record, its envelope, its entry in the log."""
