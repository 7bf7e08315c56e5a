"""Changing bytes: the small damages of a disk, and the clever ones of somebody who knows the format."""

from collections.abc import Sequence
from random import Random

BOUNDARIES = (
    b"\x00",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xc0",
    b"\xc1",
    b"\x90",
    b"\xdd\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
)
"""Bytes at which MessagePack changes its mind, and lengths that nobody can mean."""

WORDS = (
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b'"',
    b"{}",
    b"[]",
    b"\\u0000",
    b"\xed\xa0\x80",
    b"=",
)
MOST_CHANGES = 4
MOST_BYTES = 256 * 1024


class Mutator:
    """Makes inputs from seeds. The same number begins the same sequence."""

    def __init__(self, seeds: Sequence[bytes], number: int) -> None:
        self._seeds, self._chance = list(seeds), Random(number)  # noqa: S311 (it guards nothing)

    def next(self) -> bytes:
        """Make another input: a seed with up to four changes."""
        chance = self._chance
        data = bytearray(chance.choice(self._seeds))
        for _ in range(chance.randint(0, MOST_CHANGES)):
            self._change(data)
        return bytes(data[:MOST_BYTES])

    def _change(self, data: bytearray) -> None:
        chance = self._chance
        at = chance.randint(0, len(data))
        match chance.randrange(8):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.randrange(256)
            case 2:
                data[at:at] = chance.choice(BOUNDARIES)
            case 3:
                data[at:at] = chance.choice(WORDS)
            case 4:
                del data[at : at + chance.choice((1, 2, 4, 32, 1_000))]
            case 5:
                piece = data[at : at + chance.choice((1, 4, 33, 200))]
                data[at:at] = piece * chance.choice((1, 2, 100))
            case 6:
                other = chance.choice(self._seeds)
                begin = chance.randint(0, len(other))
                data[at : at + chance.randint(0, 64)] = other[begin : begin + chance.randint(0, 256)]
            case _:
                data[at:] = b""
