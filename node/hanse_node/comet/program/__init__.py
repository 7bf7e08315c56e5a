"""CometBFT's own process, folder and files."""
