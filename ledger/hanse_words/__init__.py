"""Words in other languages for what is said with an id: one source for the command line, the SDK and pages.

`po/` holds the translations, `catalogues/` what is read of them: one JSON file a language, from ids to words, which
`python -m tests.words` writes. `named.py` and `terms.py` name in words what the ledger calls by codes.
"""

from hanse_words.languages import ENGLISH, LANGUAGES, Language, catalogue_of

__all__ = ["ENGLISH", "LANGUAGES", "Language", "catalogue_of"]
