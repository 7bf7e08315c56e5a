"""What one can do with each kind of object: async. `sync/` is the same for callers that block."""
