"""Vectors of payloads: one document sealed to two readers, and bytes that no reader takes for a payload."""

from collections.abc import Iterator
from typing import Any

from hanse_client.sealing.agefile import recipient_of
from hanse_client.sealing.content import PayloadContent, PayloadOpening, ReaderOpening, read_content, write_content
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_file, commit_terms
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


def payloads() -> dict[str, Any]:
    """The file `payload.json`."""
    plain = write_content(PAYLOAD)
    keys = {name: public(secret) for name, secret in SECRETS.items()}
    sealed = seal_by_hand(plain, list(keys.values()), b"vectors of payloads")
    return {
        "about": "A document as it travels. `payload` is canonical MessagePack; `sealed` the age file of it to the "
        "keys of two readers, whose `secret` opens it; `hash` is its SHA-256, by which nodes know it. age's own "
        "randomness was derived here, so that the bytes are the same each time. `file` and `terms` are what a record "
        "of this document commits to. No reader takes what is `refused`. See docs/formats/payload.md.",
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
    }


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
