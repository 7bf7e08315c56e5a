"""What is sealed: a document's file with what opens its commitment, in canonical bytes. See docs/formats/payload.md.

Whoever opens it has everything to check the record with: the file, the terms and the seed of their salts, and who else
can open it. Or it is an excerpt: chosen terms alone, each with the way that leads to the record's commitment, and no
seed, so that nothing else follows from them. What a sender puts in is believed of nobody: `agreement` compares it with
the record.
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.sealing.agefile import SEALED_BYTES
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_ledger.wire.commitments import DisclosedTerm, leads_to

MEDIA = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}")
NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,255}")
IDENTITIES = 4
READERS = 32
TERMS = 16_384
"""More than any document has within the bound of its letters."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share. Fields stand in byte order."""


class IdentityOpening(_Part, frozen=True, kw_only=True):
    """What opens the legal identity of a party, as it has shown it to the sender.

    Attributes:
        party: whose it is.
        seed: of its salts.
        terms: its terms by name.
    """

    party: ObjectId
    seed: Annotated[bytes, Meta(min_length=32, max_length=32)]
    terms: Annotated[dict[str, str], Meta(min_length=1, max_length=64)]


class ReaderOpening(_Part, frozen=True, kw_only=True):
    """What opens the commitment to a reader.

    Attributes:
        reader: the party, or the office.
        salt: of its commitment.
    """

    reader: ObjectId
    salt: Annotated[bytes, Meta(min_length=16, max_length=16)]


class PayloadOpening(_Part, frozen=True, kw_only=True):
    """What opens the document's commitment.

    Attributes:
        identities: of seller and buyer where the sender has them: a bank makes the tags again with them.
        kind: what the document is.
        readers: who else can open it: each opens one of the record's commitments.
        seed: of the salts of the terms and of the file.
        terms: the document's terms by name, in byte order.
    """

    identities: Annotated[tuple[IdentityOpening, ...], Meta(max_length=IDENTITIES)]
    kind: CommittedKind
    readers: Annotated[tuple[ReaderOpening, ...], Meta(max_length=READERS)]
    seed: Annotated[bytes, Meta(min_length=32, max_length=32)]
    terms: Annotated[dict[str, str], Meta(min_length=1, max_length=TERMS)]


class PayloadContent(_Part, frozen=True, kw_only=True):
    """A document as it travels.

    Attributes:
        file: its bytes.
        media: its media type, which its sender says: `application/xml`.
        name: what its sender calls the file; never a path.
        opening: what opens its commitment.
    """

    file: Annotated[bytes, Meta(max_length=SEALED_BYTES)]
    media: Annotated[str, Meta(max_length=129)]
    name: Annotated[str, Meta(max_length=255)]
    opening: PayloadOpening


class PayloadExcerpt(_Part, frozen=True, kw_only=True):
    """Chosen terms of a document, for readers who get no more of it.

    Attributes:
        kind: what the document is.
        readers: who can open this copy: each opens one of the record's commitments.
        terms: the terms, in byte order of their names, each once, with the leaves that lead to them.
    """

    kind: CommittedKind
    readers: Annotated[tuple[ReaderOpening, ...], Meta(max_length=READERS)]
    terms: Annotated[tuple[DisclosedTerm, ...], Meta(min_length=1, max_length=limits.DISCLOSED_TERMS)]


_decoder = msgspec.msgpack.Decoder(PayloadContent)
_excerpt_decoder = msgspec.msgpack.Decoder(PayloadExcerpt)

_EXCERPT = b"\x83\xa4kind"
"""How an excerpt begins: a map of three, whose first field is `kind`. A document begins with its `file`."""


def write_content(payload: PayloadContent) -> bytes:
    """Write the canonical bytes, terms in order of their names.

    Raises:
        Malformed: they would be too many, or are none that `read_content` reads.
    """
    opening = msgspec.structs.replace(
        payload.opening,
        identities=tuple(
            msgspec.structs.replace(each, terms=_sorted(each.terms)) for each in payload.opening.identities
        ),
        terms=_sorted(payload.opening.terms),
    )
    data = encode(msgspec.structs.replace(payload, opening=opening))
    read_content(data)
    return data


def write_excerpt(excerpt: PayloadExcerpt) -> bytes:
    """Write the canonical bytes of an excerpt, terms in order of their names.

    Raises:
        Malformed: they would be too many, or are none that `read_sealed` reads.
    """
    data = encode(msgspec.structs.replace(excerpt, terms=tuple(sorted(excerpt.terms, key=leads_to))))
    read_sealed(data)
    return data


def read_sealed(data: bytes) -> PayloadContent | PayloadExcerpt:
    """Read what was sealed, a document or an excerpt of one. Raises Malformed: it is neither, or has too many bytes."""
    if not data.startswith(_EXCERPT):
        return read_content(data)
    _require_bounded(data)
    excerpt = decode_canonical(data, _excerpt_decoder, "payload")
    names = [leads_to(each) for each in excerpt.terms]
    if names != sorted(set(names)):
        raise Malformed("payload: the bytes are not canonical; terms stand in order of their names, each once")
    return excerpt


def _require_bounded(data: bytes) -> None:
    if len(data) > SEALED_BYTES:
        raise Malformed(f"payload: {len(data)} bytes; at most {SEALED_BYTES} are allowed")


def read_content(data: bytes) -> PayloadContent:
    """Read the bytes of a payload. Raises Malformed: they are too many, or not its canonical form."""
    _require_bounded(data)
    payload = decode_canonical(data, _decoder, "payload")
    maps = (payload.opening.terms, *(each.terms for each in payload.opening.identities))
    if any(list(each) != sorted(each) for each in maps):
        raise Malformed("payload: the bytes are not canonical; terms stand in order of their names")
    if NAME.fullmatch(payload.name) is None:
        raise Malformed("payload: the name is no name of a file")
    if MEDIA.fullmatch(payload.media) is None:
        raise Malformed("payload: the media type is none, such as application/xml")
    letters = sum(map(len, payload.opening.terms.values()))
    if letters > limits.TERMS_LETTERS:
        raise Malformed(f"payload: its terms have {letters} letters; at most {limits.TERMS_LETTERS} are allowed")
    return payload


def _sorted(terms: dict[str, str]) -> dict[str, str]:
    return {name: terms[name] for name in sorted(terms)}


def media_of(data: bytes) -> str:
    """Say what a file is by how it begins, as far as documents are read here."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    if start.startswith(b"<"):
        return "application/xml"
    return "application/json" if start.startswith((b"{", b"[")) else "application/octet-stream"
