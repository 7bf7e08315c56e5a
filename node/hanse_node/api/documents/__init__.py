"""What is asked of documents by the hashes of their bytes."""
