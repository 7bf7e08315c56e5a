"""Documents: files that travel off the ledger, sealed; who can open them, who has, and who keeps them."""
