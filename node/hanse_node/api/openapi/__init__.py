"""The description of the HTTP front: `openapi.json`, from which others generate clients."""
