"""What readers are answered, from one consistent snapshot."""
