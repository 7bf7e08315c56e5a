"""Commands about those who read a node: by tokens, and by webhooks."""
