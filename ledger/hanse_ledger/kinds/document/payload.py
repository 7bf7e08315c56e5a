"""The payload of a record: the sealed file that travels off the ledger, and commitments to who can open it."""

from typing import Annotated, Protocol

from msgspec import Meta

from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId, Salt
from hanse_ledger.wire.part import Part


class Payload(Part, frozen=True, kw_only=True):
    """A sealed file: its hash, how large it is, and who can open it by the word of who sealed it.

    Attributes:
        hash: SHA-256 of the sealed bytes.
        readers: commitments to those who can open it, offices and parties, in order (see `commit_reader`).
        size: how many bytes they are.
    """

    hash: Digest
    readers: Annotated[tuple[Digest, ...], Meta(min_length=1, max_length=limits.PAYLOAD_READERS)]
    size: Annotated[int, Meta(ge=1, le=limits.PAYLOAD_BYTES)]


class NamesPayload(Protocol):
    """A body that may name a payload."""

    @property
    def payload(self) -> Payload | None:
        """The sealed file; nil where none travels."""
        ...


def commit_reader(reader: ObjectId, salt: Salt) -> Digest:
    """Commit to a reader, an office or a party: SHA-256(salt, its id). Who has the salt shows who is meant."""
    return hash_bytes(salt + reader)


def payload_claims(body: NamesPayload) -> tuple[Digest, ...]:
    """Ask whether the payload of a body is another document's."""
    return () if body.payload is None else (payload_claim(body.payload.hash),)
