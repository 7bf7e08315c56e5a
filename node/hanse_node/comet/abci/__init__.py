"""The application that CometBFT asks: blocks into groups, its pool, its snapshots."""
