"""What the engine says: kept in a file that begins anew when it is large, its errors repeated in the node's own log."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import BinaryIO

import msgspec
from msgspec import Struct

from hanse_ledger.values.errors import UNREADABLE

log = logging.getLogger(__name__)

LOG_BYTES = 16 * 1024 * 1024
"""The file begins anew after so many bytes; the one before is kept."""

LINE_BYTES = 1024 * 1024
TAIL_BYTES = 64 * 1024
"""So much of its last words is remembered, to explain why it has ended."""

REPEATED = 20
EVERY_SECONDS = 60.0
"""Of its errors at most so many are repeated in that time; all of them stand in the file."""


class _LogLine(Struct):
    """A line of the engine's, as far as it is looked at."""

    level: str = ""
    module: str = ""
    said: str = msgspec.field(name="_msg", default="")
    err: str = ""


_decoder = msgspec.json.Decoder(_LogLine)


class EngineLog:
    """Follows one run of the engine after the other. Lives on one event loop."""

    def __init__(self, path: Path, heard: Callable[[bytes], None]) -> None:
        """Prepare.

        Args:
            path: the file.
            heard: told of each line.
        """
        self.path, self._heard = path, heard
        self._tail = bytearray()
        self._repeated, self._since = 0, 0.0

    @property
    def last_words(self) -> str:
        """The end of what it has said in its present run, or its last one."""
        return bytes(self._tail).decode("utf-8", "replace")

    async def follow(self, words: asyncio.StreamReader) -> None:
        """Keep what comes until it ends: until the engine has."""
        self._tail.clear()
        ended = False
        while not ended:
            with self.path.open("ab") as file:
                ended = await self._fill(file, words)
            if not ended:
                os.replace(self.path, self.path.with_suffix(".log.1"))

    async def _fill(self, file: BinaryIO, words: asyncio.StreamReader) -> bool:
        """Write into a file until it is large; tell whether the words have ended before."""
        while file.tell() < LOG_BYTES:
            line = await _read_line(words)
            if not line:
                return True
            file.write(line)
            file.flush()
            self._tail += line
            del self._tail[:-TAIL_BYTES]
            self._heard(line)
            self._repeat(line)
        return False

    def _repeat(self, line: bytes) -> None:
        if b'"level":"error"' not in line:
            return
        try:
            decoded = _decoder.decode(line)
        except UNREADABLE:
            return  # no line of its log, though one stands in it
        if monotonic() - self._since > EVERY_SECONDS:
            self._repeated, self._since = 0, monotonic()
        self._repeated += 1
        if self._repeated <= REPEATED:
            log.warning(
                "the engine says", extra={"part": decoded.module, "said": decoded.said, "err": decoded.err[:500]}
            )


async def _read_line(words: asyncio.StreamReader) -> bytes:
    """Read a line, or as much of one as may be long; nothing at the end."""
    try:
        return await words.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await words.readexactly(max(1, error.consumed))
