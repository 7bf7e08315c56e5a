"""Sealed documents on their way to a node and from one: in pieces, and on from where the line broke, on both ways."""

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound, Refused, SetupError
from hanse_client.exchange.answers import ShownDelivery, UploadProgress, read_answer
from hanse_client.exchange.session import Session
from hanse_client.sealing.agefile import SEALED_BYTES
from hanse_client.sealing.content import READERS, ReaderOpening
from hanse_io.durable import SECRET_MODE, make_private
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, Moment

PIECE_BYTES = 512 * 1024
"""So much is sent, and fetched, at a time: what a broken line costs at most."""

ANSWER_BYTES = 4_096
ID_BYTES, SALT_BYTES = 32, 16
READERS_BYTES = (ID_BYTES + SALT_BYTES) * READERS
ATTEMPTS = 4
"""So often the node is asked anew where a piece begins: another program may send the same."""


def write_readers(readers: Iterable[ReaderOpening]) -> bytes:
    """Write who reads a document as the node is told: 48 bytes each, the id and the salt of the commitment."""
    return b"".join(each.reader + each.salt for each in readers)


async def send_sealed(session: Session, sealed: bytes, readers: bytes, expires: Moment) -> Digest:
    """Send a sealed document to the node, on from where an earlier attempt ended. It is on disk there afterwards.

    The node is told who reads it, which the record does not say, so that the readers' members' nodes get it.

    Args:
        session: who sends.
        sealed: the age file.
        readers: who reads it, as `write_readers` writes them.
        expires: when the record that names it expires, in milliseconds.

    Returns:
        Its SHA-256, by which the record names it.

    Raises as `submit` does: Refused, NodeUnreachable, BadAnswer.
    """
    digest, url = hash_bytes(sealed), session.transport.node
    path, answer = f"/v1/payloads/{digest.hex()}", None
    for attempt in range(1, ATTEMPTS + 1):
        answer = await _progress(session, path, url)
        try:
            while not answer.whole:
                answer = await _send_piece(session, path, sealed, answer.offset, expires)
        except Refused as error:
            if error.code != "wrong-offset" or attempt == ATTEMPTS:
                raise
            continue
        await session.transport.ask_one("PUT", f"{path}/readers", url=url, most=ANSWER_BYTES, body=readers)
        return digest
    raise AssertionError("the last attempt returns or raises")


async def _progress(session: Session, path: str, url: str) -> UploadProgress:
    """Ask how far an earlier attempt has come."""
    try:
        data = await session.transport.ask_one("GET", f"{path}/upload", url=url, most=ANSWER_BYTES)
    except NotFound:
        return UploadProgress(offset=0, whole=False)
    return read_answer(data, UploadProgress)


async def _send_piece(session: Session, path: str, sealed: bytes, start: int, expires: Moment) -> UploadProgress:
    piece = sealed[start : start + PIECE_BYTES]
    if not piece:
        raise BadAnswer("The node says that more has come of a document than there is, and that something is missing.")
    headers = [
        ("Content-Type", "application/octet-stream"),
        ("Content-Range", f"bytes {start}-{start + len(piece) - 1}/{len(sealed)}"),
        ("Hanse-Expires", str(expires)),
    ]
    url = session.transport.node
    data = await session.transport.ask_one("PUT", path, url=url, most=ANSWER_BYTES, body=piece, headers=headers)
    answer = read_answer(data, UploadProgress)
    if not answer.whole and answer.offset <= start:
        raise BadAnswer("The node takes a piece of a document, and says that no more has come than before.")
    return answer


class SealedFileDelivery(Struct, frozen=True, kw_only=True):
    """Whether the node has a sealed file, by its own word.

    Attributes:
        hash: SHA-256 of the sealed bytes.
        since_ms: where it is missing or given up, when the node heard of it first.
        state: `here`, `waiting` for its record, `missing`, `given-up` after 30 days, `erased`, or `unknown`: the node
            was told of no reader of its own, or whoever asks may not have it.
    """

    hash: Digest
    since_ms: Moment | None
    state: str


async def ask_delivery(session: Session, digest: Digest) -> SealedFileDelivery:
    """Ask the node whether it has a sealed file. Raises as `show` does."""
    path, url = f"/v1/payloads/{digest.hex()}/delivery", session.transport.node
    data = await session.transport.ask_one("GET", path, url=url, most=ANSWER_BYTES)
    told = read_answer(data, ShownDelivery)
    return SealedFileDelivery(hash=digest, since_ms=told.since_ms, state=told.state)


async def fetch_sealed(session: Session, digest: Digest, size: int) -> bytes:
    """Fetch a sealed document, on from where an earlier attempt ended; what came of it lies in the home folder.

    Args:
        session: who asks.
        digest: SHA-256 of the sealed bytes, as a proven record names it.
        size: how many they are.

    Raises:
        NotFound: the node does not have it, or not yet.
        Refused: it was erased.
        NodeUnreachable: the line broke again; what has come is kept.
        BadAnswer: what comes is another document; what has come is deleted.
        SetupError: the home folder cannot be written.
    """
    if not 0 < size <= SEALED_BYTES:
        raise InvalidInput(f"A sealed document has at most {SEALED_BYTES} bytes; this one would have {size}.")
    part = _part(session, digest)
    try:
        come = part.stat().st_size if part.exists() else 0
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, SECRET_MODE)
        with os.fdopen(handle, "r+b") as file:
            if come > size:
                come = 0
            file.truncate(come)
            while come < size:
                piece = await _fetch_piece(session, digest, come, size)
                file.seek(come)
                file.write(piece)
                file.flush()
                come += len(piece)
            file.seek(0)
            data = file.read(size)
        part.unlink()
    except OSError as error:
        raise SetupError(f"{part} cannot be written: {error.strerror}.", "Check the home folder.") from error
    if hash_bytes(data) != digest:
        raise BadAnswer("The node gives other bytes than those of the document that the record names.")
    return data


async def _fetch_piece(session: Session, digest: Digest, start: int, size: int) -> bytes:
    last = min(start + PIECE_BYTES, size) - 1
    url, path = session.transport.node, f"/v1/payloads/{digest.hex()}"
    headers = [("Range", f"bytes={start}-{last}")]
    piece = await session.transport.ask_one("GET", path, url=url, most=SEALED_BYTES, headers=headers)
    if len(piece) == size and (start, last) != (0, size - 1):
        piece = piece[start : last + 1]  # a proxy may know no parts, and give all of it
    if len(piece) != last - start + 1:
        raise BadAnswer("The node gives another part of the document than was asked for.")
    return piece


def _part(session: Session, digest: Digest) -> Path:
    """Name the file in which what has come lies until all has."""
    folder = session.home / "fetched"
    try:
        make_private(folder)
    except OSError as error:
        raise SetupError(f"{folder} cannot be made: {error.strerror}.", "Check the home folder.") from error
    return folder / f"{digest.hex()}.part"
