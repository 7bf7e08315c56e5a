"""The application that CometBFT asks: its blocks into the ledger's, its pool, its snapshots."""
