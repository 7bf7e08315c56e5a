"""Ids as programs and people write them."""

from enum import StrEnum
from typing import TypeVar

from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.keys import well_formed
from hanse_ledger.values.types import PublicKey

Choice = TypeVar("Choice", bound=StrEnum)


class PrintedBytes(bytes):
    """Bytes that print as hexadecimal text: ids and hashes in what the SDK gives. Equal to the same bytes.

    `str` gives the digits, for a command; `repr` the expression that makes them again, for a program.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return self.hex()

    def __repr__(self) -> str:
        return f"bytes.fromhex('{self.hex()}')"


Id = bytes | str
"""An object's or a record's id: 32 bytes, or 64 hexadecimal digits."""


def parse_id(name: Id, what: str = "id") -> bytes:
    """Read an id.

    Raises:
        InvalidInput: it is neither 32 bytes nor 64 hexadecimal digits. `what` names it in the message.
    """
    if isinstance(name, bytes):
        raw = bytes(name)
    else:
        try:
            raw = bytes.fromhex(name)
        except ValueError as error:
            raise InvalidInput(f"The {what} {name[:80]!r} is not hexadecimal.", "Copy it whole: 64 digits.") from error
    if not raw:
        raise InvalidInput(
            f"The {what} is empty.",
            "Give its id, 64 hexadecimal digits; see whether what should have printed it failed.",
        )
    if well_formed(raw):
        raise InvalidInput(f"The {what} is a public key.", "Give the id, 64 digits: a key has 66.")
    if len(raw) != 32:
        raise InvalidInput(f"The {what} has {2 * len(raw)} digits.", "Copy the id whole: 64 hexadecimal digits.")
    return raw


def parse_id_if(name: Id | None, what: str) -> bytes | None:
    """Read an id where one is given. Raises as `parse_id` does."""
    return None if name is None else parse_id(name, what)


def parse_key(key: bytes | str) -> PublicKey:
    """Read a key of the wire: 33 bytes, or 66 hexadecimal digits.

    Raises:
        InvalidInput: it is neither, or not of a known algorithm.
    """
    try:
        raw = key if isinstance(key, bytes) else bytes.fromhex(key)
    except ValueError as error:
        raise InvalidInput("The key is not hexadecimal.", "Copy it whole: 66 digits.") from error
    if not well_formed(raw):
        raise InvalidInput("The key is not one of a known algorithm.", "An Ed25519 key has 33 bytes, the first 01.")
    return raw


def parse_choice(kind: type[Choice], value: str, what: str) -> Choice:
    """Read one of a few words.

    Raises:
        InvalidInput: it is none of them; the message lists them.
    """
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise InvalidInput(f"{value[:80]!r} is no {what}.", f"Choose one of: {known}.") from error
