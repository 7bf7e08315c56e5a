"""The node's HTTP front: one file a resource."""
