"""From a file to a report: what it is, what stands around it, its structure, its terms, its rules."""
