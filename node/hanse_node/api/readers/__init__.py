"""What is told of who has read."""
