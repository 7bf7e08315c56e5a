"""What `hanse demo` runs."""
