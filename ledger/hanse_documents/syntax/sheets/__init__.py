"""Sheets of invoices, CSV or XLSX: a row a line, by the names that EN 16931 has for its terms."""
