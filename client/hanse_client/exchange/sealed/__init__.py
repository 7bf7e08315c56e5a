"""Sealed documents on their way: kept until their records are settled, sent before them, fetched by readers."""
