"""The key ring: what a signer must not lose, in one sealed file; recovered, moved, and chosen by counterparty."""
