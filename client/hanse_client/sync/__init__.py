"""What one can do with each kind of object, for callers that block: written from `resources/`."""
