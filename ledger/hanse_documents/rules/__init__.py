"""Rules that others have published, run as they are: schemas of XML, and Schematron in a process of its own."""
