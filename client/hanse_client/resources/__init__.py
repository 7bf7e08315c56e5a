"""What one can do with each kind of object: async, and the same for callers that block."""
