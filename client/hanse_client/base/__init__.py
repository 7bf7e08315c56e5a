"""What everything in the SDK stands on: errors, views, ids, words, threads."""
