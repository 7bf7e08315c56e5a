"""What a reader of strangers' bytes is to these tests."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from hanse_ledger.values.errors import LedgerError


class Target(Struct, frozen=True):
    """A reader: its name, its first inputs, itself, and the errors with which it may refuse."""

    name: str
    seeds: Sequence[bytes]
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = (LedgerError,)
