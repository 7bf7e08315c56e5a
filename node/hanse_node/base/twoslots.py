"""A small value that is replaced in place, with one write that is on disk when it returns.

The file holds two slots of 4 KiB, written in turn, so that a torn write leaves the value before it. A slot is a line:
the SHA-256 of what follows, in hexadecimal; the turn; the value; spaces up to the slot's end.
"""

import os
from pathlib import Path

from hanse_io.durable import replace_durably
from hanse_ledger.values.hashing import hash_bytes

SLOT_BYTES = 4_096
VALUE_BYTES = SLOT_BYTES - 64 - 1 - 20 - 1 - 1
"""What a slot has room for, beside the hash and the turn."""


class SlotsDamaged(Exception):
    """Neither slot holds what was written into it."""


class TwoSlots:
    """The two slots of a file. One instance a file; used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Prepare; nothing is opened yet."""
        self._path = path
        self._turn = 0

    def read(self) -> bytes | None:
        """Give the newest value; nothing if there is no file.

        Raises:
            SlotsDamaged: the file is there, and neither slot is whole.
            OSError: it cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                data = file.read(2 * SLOT_BYTES + 1)
        except FileNotFoundError:
            return None
        slots = [data[at : at + SLOT_BYTES] for at in (0, SLOT_BYTES)]
        whole = [slot for slot in map(_parse, slots) if slot is not None]
        if not whole or len(data) != 2 * SLOT_BYTES:
            raise SlotsDamaged(f"{self._path.name} holds no whole value")
        self._turn, value = max(whole)
        return value

    def write(self, value: bytes) -> None:
        """Replace the value; durable on return. `read` comes first.

        Args:
            value: one line of text, at most `VALUE_BYTES`, that does not end in a space.

        Raises:
            OSError: it cannot be written. The value before it, or this one, is what the next `read` finds.
        """
        assert len(value) <= VALUE_BYTES
        assert b"\n" not in value
        assert value == value.rstrip(b" ")
        turn = self._turn + 1
        slot = _format(turn, value)
        if turn == 1:
            replace_durably(self._path, b" " * (SLOT_BYTES - 1) + b"\n" + slot)
        else:
            # O_DSYNC: the write returns when the bytes are on disk, by one flush instead of a file and a folder more.
            handle = os.open(self._path, os.O_WRONLY | os.O_DSYNC | os.O_CLOEXEC)
            try:
                written = os.pwrite(handle, slot, turn % 2 * SLOT_BYTES)
            finally:
                os.close(handle)
            if written != SLOT_BYTES:
                raise OSError(None, f"only {written} of {SLOT_BYTES} bytes were written")
        self._turn = turn


def _format(turn: int, value: bytes) -> bytes:
    text = b"%d %b" % (turn, value)
    line = hash_bytes(text).hex().encode() + b" " + text
    return line.ljust(SLOT_BYTES - 1) + b"\n"


def _parse(slot: bytes) -> tuple[int, bytes] | None:
    """Read a slot; nothing if it is blank, torn or damaged."""
    line = slot[:-1].rstrip(b" ")
    seal, _, text = line.partition(b" ")
    turn, _, value = text.partition(b" ")
    if seal.decode("latin-1") != hash_bytes(text).hex() or not turn.isdigit():
        return None
    return int(turn), value
