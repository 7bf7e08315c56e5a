"""What a request meets first: who signed it, whether he may ask, and in which words it is sent away."""
