"""What puts records in order and commits them."""
