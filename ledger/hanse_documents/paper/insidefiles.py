"""Files inside a PDF, as values."""

from msgspec import Struct


class FileInside(Struct, frozen=True, kw_only=True):
    """A file inside a PDF: its name, its media type where one is said, and its bytes."""

    name: str
    media_type: str
    data: bytes


class Addition(Struct, frozen=True, kw_only=True):
    """A file that is to be added. `date` is when it was made last, as PDF writes it: `D:20261130083000Z`."""

    name: str
    media_type: str
    description: str
    date: str
    data: bytes
