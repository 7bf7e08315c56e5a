"""Sealed documents whose records are on their way: kept in the home folder until these are settled, sent before them.

Two files each, `<home>/sealed/<hash>.age` and `<hash>.readers`, who reads it. Whoever sends a record again after a
crash sends the document of that very record: another sealing of the same file would have another hash.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from hanse_client.base.errors import SetupError
from hanse_client.exchange.sealed.carrying import ID_BYTES, READERS_BYTES, SALT_BYTES, send_sealed, write_readers
from hanse_client.exchange.session import Session
from hanse_client.sealing.agefile import SEALED_BYTES
from hanse_client.sealing.content import ReaderOpening
from hanse_io.durable import read_bounded, write_durably
from hanse_ledger.kinds import steps_of
from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId


def keep_sealed(session: Session, sealed: bytes, readers: Sequence[ReaderOpening]) -> None:
    """Keep a sealed document, and who reads it, before its record is sent; durable on return.

    Raises SetupError: nothing was sent.
    """
    path = _path(session, hash_bytes(sealed))
    try:
        write_durably(_readers(path), write_readers(readers))
        write_durably(path, sealed)
    except OSError as error:
        raise SetupError(
            f"The sealed document cannot be kept in {path.parent}: {error.strerror}.",
            "Nothing was sent. Check the folder.",
        ) from error


def sealed_to(session: Session, signed: Signed) -> frozenset[ObjectId] | None:
    """Say to whom the documents of a record are sealed, as far as they are kept here; nil where they are not."""
    found = set[ObjectId]()
    for digest in _named(signed):
        try:
            told = read_bounded(_readers(_path(session, digest)), READERS_BYTES)
        except OSError:
            return None
        found |= {told[at : at + ID_BYTES] for at in range(0, len(told), ID_BYTES + SALT_BYTES)}
    return frozenset(found)


async def send_payloads(session: Session, signed: Signed) -> None:
    """Send the sealed documents that a record names, as far as they are kept here. Raises as `send_sealed` does."""
    for digest in _named(signed):
        path = _path(session, digest)
        try:
            sealed, readers = read_bounded(path, SEALED_BYTES), read_bounded(_readers(path), READERS_BYTES)
        except FileNotFoundError:
            continue  # another one has sealed it, and sends it
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        if hash_bytes(sealed) != digest:
            raise SetupError(f"{path} is damaged.", "Remove it, and share the document anew.")
        await send_sealed(session, sealed, readers, signed.record.expires)


def forget_payloads(session: Session, signed: Signed) -> None:
    """Forget the sealed documents of a record that is settled."""
    for digest in _named(signed):
        with suppress(OSError):  # what stays lies there for its user alone, and takes room
            _path(session, digest).unlink(missing_ok=True)
            _readers(_path(session, digest)).unlink(missing_ok=True)


def _named(signed: Signed) -> Iterator[Digest]:
    for step in steps_of(signed.record.body, signed.id):
        payload = getattr(step.body, "payload", None)
        if isinstance(payload, Payload):
            yield payload.hash


def _readers(path: Path) -> Path:
    return path.with_suffix(".readers")


def _path(session: Session, digest: Digest) -> Path:
    return session.home / "sealed" / f"{digest.hex()}.age"
