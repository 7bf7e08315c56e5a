"""What commands share: options, values, files, what is said and to whom."""
