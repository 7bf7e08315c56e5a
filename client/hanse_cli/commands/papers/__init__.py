"""Commands about documents as files: one alone, PDFs, many at once, folders."""
