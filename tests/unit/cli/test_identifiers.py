"""Ids that people give: what is missing or cut is told as that."""

import pytest

from hanse_cli.base.values import key_of, object_id_of
from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import parse_id


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "The buyer is empty. Give its id"),
        (b"", "The buyer is empty. Give its id"),
        ("ab" * 8, "The buyer has 16 digits. Copy the id whole: 64 hexadecimal digits"),
        ("ab" * 33, "The buyer has 66 digits. Copy the id whole: 64 hexadecimal digits"),
        ("abababab…", "Copy it whole: 64 digits"),
    ],
)
def test_an_id_that_is_none_is_told_as_what_it_is(given: str | bytes, words: str) -> None:
    """Where a shell's variable is empty the command before has failed; where digits are missing the id was cut."""
    with pytest.raises(InvalidInput) as refused:
        parse_id(given, "buyer")
    assert words in f"{refused.value.message} {refused.value.action}"


def test_a_whole_id_is_read() -> None:
    """As bytes or as digits, it is the same id."""
    assert parse_id("ab" * 32) == parse_id(bytes([0xAB] * 32)) == bytes([0xAB] * 32)


def test_a_key_is_not_called_a_cut_id() -> None:
    """Whoever gives a public key for an id is told that, and the other way round."""
    for read in (parse_id, object_id_of):
        with pytest.raises(InvalidInput, match="public key"):
            read("01" + "ab" * 32)
    with pytest.raises(InvalidInput, match="is an id, no public key"):
        key_of("ab" * 32)
