"""What `hanse bench` measures."""
