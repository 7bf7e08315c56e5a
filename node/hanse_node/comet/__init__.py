"""The engine between organisations: CometBFT orders, over ABCI 2.0; the ledger applies."""
