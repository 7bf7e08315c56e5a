"""What parts of all bodies are made of."""

from typing import Annotated

from msgspec import Meta, Struct

from hanse_ledger.values import patterns
from hanse_ledger.values.types import Digest

ReasonCode = Annotated[str, Meta(pattern=patterns.REASON)]
"""A code from the refuser's own published list, 1 to 16 characters."""


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Settings that all bodies and their parts share. A value is made of older ones, so the collector need not look."""


class Body(Part, frozen=True, kw_only=True):
    """What a record says: a class of its own for each kind."""


class Commitment(Part, frozen=True, kw_only=True):
    """A commitment to a document that stays off the ledger.

    Attributes:
        discoverable: SHA-256(file bytes) where anyone who holds the file shall be able to look it up, else nil.
        file: SHA-256(salt, SHA-256(file bytes)).
        terms: the root of the map of its terms (see `terms`).
    """

    discoverable: Digest | None
    file: Digest
    terms: Digest
