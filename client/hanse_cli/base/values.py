"""Reading what people type: ids, moments, names of terms."""

import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.keys import well_formed
from hanse_ledger.values.types import ObjectId

ID_BYTES = 32
LARGEST = 10**15
"""The largest amount in minor units (see `hanse_ledger.values.types`)."""
LARGEST_QUANTITY = 10**18
"""The largest quantity, in millionths of its unit."""

LARGEST_PORT = 65_535

_DECIMAL = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,16}))?")

ConsignmentOption = Annotated[
    str | None,
    typer.Option("--consignment", metavar="ID", help="The consignment into which this record puts it; a writer signs."),
]
ObjectArgument = Annotated[str, typer.Argument(metavar="ID", help="The object's id, 64 hexadecimal digits.")]


SALT_BYTES = 16


def object_id_of(text: str, what: str = "id") -> ObjectId:
    """Read an id of 64 hexadecimal digits. Raises InvalidInput."""
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if well_formed(value):
        raise InvalidInput(f"{text[:80]!r} is a public key, no {what}.", "Give the id, 64 digits: a key has 66.")
    if len(value) != ID_BYTES:
        raise InvalidInput(f"{text[:80]!r} is no {what}.", "An id has 64 hexadecimal digits, as the commands print it.")
    return value


def salt_of(text: str) -> bytes:
    """Read a salt of 32 hexadecimal digits. Raises InvalidInput."""
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if len(value) != SALT_BYTES:
        raise InvalidInput(f"{text[:80]!r} is no salt.", "A salt has 32 hexadecimal digits, as it came with the file.")
    return value


def key_of(text: str) -> bytes:
    """Read a public key as `hanse key show` prints it: algorithm byte and raw key, 66 digits. Raises InvalidInput."""
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if len(value) == ID_BYTES:
        raise InvalidInput(
            f"{text[:80]!r} is an id, no public key.",
            "A key has 66 hexadecimal digits; the keys of a party: hanse party show ID.",
        )
    if len(value) != ID_BYTES + 1:
        raise InvalidInput(f"{text[:80]!r} is no public key.", "A key has 66 hexadecimal digits; see `hanse key show`.")
    return value


def host_and_port(text: str) -> tuple[str, int]:
    """Read an address, `host:port`; an IPv6 one in brackets. Raises InvalidInput."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > LARGEST_PORT:
        raise InvalidInput(f"{text[:80]!r} is no address.", "Write it as host:port, such as 127.0.0.1:8080.")
    return host.removeprefix("[").removesuffix("]"), int(port)


def moment_of(text: str, what: str = "time") -> int:
    """Read an ISO 8601 time as milliseconds since 1970; without an offset it is UTC. Raises InvalidInput."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text[:80]!r} is no {what}.", "Write it as 2026-09-17 or 2026-09-17T12:00:00Z.") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    if since.days < 0:
        raise InvalidInput(f"{text[:80]!r} lies before 1970.", "Give a later time.")
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000


_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def span_of(text: str) -> int:
    """Read a span of time, such as 7d, 36h, 90m or 30s, as milliseconds. Raises InvalidInput."""
    matched = _SPAN.fullmatch(text.strip())
    if not matched:
        raise InvalidInput(f"{text[:80]!r} is no span of time.", "Write it as 7d, 36h, 90m or 30s.")
    return int(matched[1]) * _UNITS_MS[matched[2]]


def split_names(text: str) -> tuple[str, ...]:
    """Read names parted by commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def in_groups(digest: bytes) -> str:
    """Write bytes as hexadecimal groups of four, to be read out and compared by ear."""
    digits = digest.hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def scaled_of(text: str, places: int, what: str, *, most: int = LARGEST) -> int:
    """Read a decimal text as an integer that counts parts of ten to the minus `places`; nothing is rounded.

    Raises:
        InvalidInput: it is no number above zero, too large, or has more decimal places.
    """
    matched = _DECIMAL.fullmatch(text.strip())
    fraction = (matched[2] or "") if matched else ""
    scaled = int(matched[1] + fraction.ljust(places, "0")) if matched and len(fraction) <= places else 0
    if not 1 <= scaled <= most:
        raise InvalidInput(f"{text[:80]!r} is no {what}.", f"Write a number above zero, of at most {places} decimals.")
    return scaled
