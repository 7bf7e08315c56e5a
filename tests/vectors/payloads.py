"""Vectors of payloads: one document sealed to two readers, and bytes that no reader takes for a payload."""

from collections.abc import Iterator
from typing import Any

from hanse_client.sealing.agefile import recipient_of
from hanse_client.sealing.content import (
    PayloadContent,
    PayloadExcerpt,
    PayloadOpening,
    ReaderOpening,
    read_content,
    read_sealed,
    write_content,
    write_excerpt,
)
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_file, commit_terms, disclose
from tests.tables.agefile import public, seal_by_hand
from tests.tables.reference import pack, unordered, unpack
from tests.world.corridor_genesis import seed_of

SEED = seed_of("vectors of payloads")
SECRETS = {name: seed_of(f"reader {name}") for name in ("customs", "bank")}
TERMS = {"BT-1": "QW-2026-0917", "BT-115": "5150.00", "BT-2": "2026-09-17", "BT-5": "EUR"}
PAYLOAD = PayloadContent(
    file=b"<Invoice/>\n",
    media="application/xml",
    name="invoice.xml",
    opening=PayloadOpening(
        identities=(),
        kind=CommittedKind.INVOICE,
        readers=tuple(
            ReaderOpening(reader=seed_of(f"office {name}"), salt=seed_of(f"salt {name}")[:16]) for name in SECRETS
        ),
        seed=SEED,
        terms=TERMS,
    ),
)
SHOWN = ("BT-1", "BT-20")
"""The terms of the excerpt: one that the document states, and one that it does not."""

EXCERPT = PayloadExcerpt(
    kind=CommittedKind.INVOICE,
    readers=PAYLOAD.opening.readers[:1],
    terms=tuple(disclose(CommittedKind.INVOICE, TERMS, SEED, name) for name in SHOWN),
)


def payloads() -> dict[str, Any]:
    """The file `payload.json`."""
    plain = write_content(PAYLOAD)
    keys = {name: public(secret) for name, secret in SECRETS.items()}
    sealed = seal_by_hand(plain, list(keys.values()), b"vectors of payloads")
    return {
        "about": "A document as it travels. `payload` is canonical MessagePack; `sealed` the age file of it to the "
        "keys of two readers, whose `secret` opens it; `hash` is its SHA-256, by which nodes know it. age's own "
        "randomness was derived here, so that the bytes are the same each time. `file` and `terms` are what a record "
        "of this document commits to. No reader takes what is `refused`. `excerpt` is what a reader gets to whom two "
        "terms of it are shown, and no more; they open the same `terms`. See docs/formats/payload.md.",
        "payload": plain.hex(),
        "sealed": sealed.hex(),
        "hash": hash_bytes(sealed).hex(),
        "file": commit_file(hash_bytes(PAYLOAD.file), SEED).hex(),
        "terms": commit_terms(CommittedKind.INVOICE, TERMS, SEED).hex(),
        "readers": [
            {
                "name": name,
                "secret": SECRETS[name].hex(),
                "key": key.hex(),
                "recipient": recipient_of(key),
            }
            for name, key in keys.items()
        ],
        "refused": [{"why": why, "payload": data.hex()} for why, data in refused()],
        "excerpt": {
            "payload": write_excerpt(EXCERPT).hex(),
            "terms": commit_terms(CommittedKind.INVOICE, TERMS, SEED).hex(),
            "shown": {"BT-1": TERMS["BT-1"], "BT-20": None},
            "refused": [{"why": why, "payload": data.hex()} for why, data in refused_excerpts()],
        },
    }


def refused_excerpts() -> Iterator[tuple[str, bytes]]:
    """Bytes that are no excerpt, each with one thing wrong."""
    fields: dict[str, Any] = unpack(write_excerpt(EXCERPT))
    first, second = fields["terms"]
    cases: dict[str, dict[str, Any]] = {
        "no terms": {**fields, "terms": []},
        "terms in another order": {**fields, "terms": [second, first]},
        "a term twice": {**fields, "terms": [first, first]},
        "a term without leaves": {**fields, "terms": [{"leaves": []}]},
        "a leaf that is none": {**fields, "terms": [{"leaves": [{**first["leaves"][0], "leaf": b"BT-1"}]}]},
        "a salt of 15 bytes": {**fields, "readers": [{"reader": bytes(32), "salt": bytes(15)}]},
        "a field more": {**fields, "seed": SEED},
        "a field less": {name: value for name, value in fields.items() if name != "readers"},
        "a kind that no document has": {**fields, "kind": "letter"},
    }
    for why, case in cases.items():
        data = pack(case)
        try:
            read_sealed(data)
        except Malformed:
            yield why, data
        else:
            raise AssertionError(why)


def refused() -> Iterator[tuple[str, bytes]]:
    """Bytes that are no payload, each with one thing wrong."""
    for why, data in cases():
        try:
            read_content(data)
        except Malformed:
            yield why, data
        else:
            raise AssertionError(why)


def cases() -> Iterator[tuple[str, bytes]]:
    """Each way of writing a payload wrongly, in words."""
    plain = write_content(PAYLOAD)
    fields: dict[str, Any] = unpack(plain)

    def changed(**changes: Any) -> bytes:
        return pack({**fields, **changes})

    def opening(**changes: Any) -> bytes:
        return changed(opening={**fields["opening"], **changes})

    yield "nothing", b""
    yield "a byte behind it", plain + b"\x00"
    yield "a byte less", plain[:-1]
    yield "fields in another order", unordered(fields)
    yield "a field more", changed(note="x")
    yield "a field less", pack({name: value for name, value in fields.items() if name != "media"})
    yield "a file that is a text", changed(file="<Invoice/>")
    yield "no media type", changed(media="xml")
    yield "a name that is a path", changed(name="../invoice.xml")
    yield "a name with a line feed", changed(name="invoice\n.xml")
    yield "no name", changed(name="")
    yield "a kind that no document has", opening(kind="letter")
    yield "a seed of 31 bytes", opening(seed=SEED[:31])
    yield "a salt of 15 bytes", opening(readers=[{"reader": bytes(32), "salt": bytes(15)}])
    yield "no terms", opening(terms={})
    yield "a term that is a number", opening(terms={"BT-115": 5150})
    terms = pack(dict(TERMS))
    yield "terms in another order", plain.replace(terms, unordered(dict(sorted(TERMS.items()))))
