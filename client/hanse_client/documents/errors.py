"""How a reader refuses a document."""

from hanse_ledger.errors import LedgerError, Malformed

SHOWN = 80
"""How many characters of a refused value an error repeats."""


class DocumentError(Malformed):
    """A document of a known format that is not what its format asks for. Its maker must correct it.

    `field` is a BT number or a path in the file, `action` says what to do about it.
    """

    def __init__(self, field: str, *, seen: str, wanted: str, action: str = "") -> None:
        self.field, self.wanted = field, wanted
        self.seen = seen if len(seen) <= SHOWN else seen[:SHOWN] + "…"
        self.action = action or "Ask whoever made the document for a corrected one."
        super().__init__(f"{field}: {self.seen}; wanted: {wanted}. {self.action}", pointer=field)


class UnsupportedFormat(LedgerError):
    """A file that may well be in order, in a format or of a kind that this release does not read."""

    def __init__(self, seen: str, *, action: str) -> None:
        super().__init__(f"{seen}. {action}")
        self.seen, self.action = seen, action
