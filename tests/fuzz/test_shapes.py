"""What guided fuzzing begins with, and how it changes inputs."""

import json
from random import Random

import msgpack  # type: ignore[import-untyped] # the package has no stubs
import pytest
from lxml import etree

from hanse_documents.samples import sample
from tests.fuzz.papers import SORTS, shipped, sort_of
from tests.fuzz.shapes import VALUES, shaped

PACKED = msgpack.packb({"a": [1, b"two", {"b": None}], "c": "three"})
XML, JSON = sample("invoice.xml"), sample("certificate.json")


def changed(data: bytes, number: int) -> bytes | None:
    """Change an input by itself alone."""
    return shaped(data, [data], Random(number))  # noqa: S311 (it guards nothing)


@pytest.mark.parametrize(("data", "read"), [(XML, etree.fromstring), (JSON, json.loads), (PACKED, msgpack.unpackb)])
def test_a_changed_input_stays_what_it_is(data: bytes, read: object) -> None:
    """XML stays XML, JSON stays JSON, and MessagePack too; the same number makes the same change."""
    assert callable(read)
    made = [changed(data, number) for number in range(30)]
    assert made == [changed(data, number) for number in range(30)]
    others = {each for each in made if each is not None}
    assert len(others - {data}) >= 20
    for each in others:
        read(each)


def test_what_is_nothing_of_these_is_left() -> None:
    """Its bytes are for others to change."""
    assert [changed(data, 1) for data in (b"<a>", b"{", b"\xc1", b"", b"%PDF-1.7")] == [None] * 5


def test_every_reader_of_papers_has_a_first_input() -> None:
    """Of each sort of documents one is shipped or written, but of those that are written from a schema alone."""
    assert {sort_of(data) for data in shipped()} - {""} == set(SORTS) - {"statuses of ISO 20022"}


def test_no_change_makes_an_input_as_large_as_the_memory() -> None:
    """Lists of sixty within lists of sixty; and a value that was put into itself once grew with every input.

    What changes inputs took gigabytes, and the reader was blamed.
    """
    before = repr(VALUES)
    longest = max(len(changed(b"[]", number) or b"") for number in range(12_000, 13_000))
    assert repr(VALUES) == before
    assert 1_000 < longest < 1_000_000
