"""What everything in the node stands on: settings, files, bounds, errors, logs, metrics."""
