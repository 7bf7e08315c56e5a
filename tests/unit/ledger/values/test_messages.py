"""What is said has an id and values, and its English words are made of them by plain replacement."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.messages import LETTERS, Said, in_language, placeholders, quoted, said, unsaid
from hanse_ledger.values.patterns import one_line

short = st.text(max_size=60)


@given(short, short, st.integers())
def test_every_placeholder_is_filled_once(seen: str, trusted: str, number: int) -> None:
    """Braces in a value are letters: no value fills another's place, nor its own again."""
    message = said("test.three", "of {seen}, not {trusted}, {number} times {seen}", seen, trusted, number)
    kept = one_line(seen)
    assert message.words == f"of {kept}, not {one_line(trusted)}, {number} times {kept}"
    assert [name for name, _ in message.values] == ["seen", "trusted", "number"]


@given(short, short)
def test_another_language_takes_the_same_values(seen: str, trusted: str) -> None:
    """A catalogue's words may have the placeholders in another order, and as often as they like."""
    message = said("test.two", "{seen}, not {trusted}", seen, trusted)
    words = in_language(message, {"test.two": "nicht {trusted}: {seen}, {seen}"})
    kept = one_line(seen)
    assert words == f"nicht {one_line(trusted)}: {kept}, {kept}"


def test_what_is_said_within_is_said_in_the_same_language() -> None:
    """A value in words has its own words in each language, and a list its own comma."""
    message = said("test.of", "{kind}: {names}", said("test.invoice", "invoice"), ["a", said("test.party", "party")])
    assert message.words == "invoice: a, party"
    german = {"test.of": "{names} ({kind})", "test.invoice": "Rechnung", "test.party": "Partei", "list.comma": " und "}
    assert in_language(message, german) == "a und Partei (Rechnung)"


def test_what_a_catalogue_lacks_is_said_in_english() -> None:
    """Words of another program have no id, and no other language."""
    assert in_language(said("test.new", "new: {value}", 1), {}) == "new: 1"
    assert in_language(unsaid("a parser's {own} words"), {"": "never"}) == "a parser's {own} words"


@pytest.mark.parametrize("values", [(), (1, 2)])
def test_a_value_too_few_or_many_is_a_bug(values: tuple[int, ...]) -> None:
    """No words are said with a hole in them."""
    with pytest.raises(ValueError, match="zip"):
        said("test.one", "{value}", *values)


def test_what_acts_on_a_reader_is_not_said() -> None:
    """A value of others neither turns the direction of reading nor ends the line; what is too long is cut."""
    assert said("test.name", "{name}", "a\u202eb\nc").words == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    assert said("test.name", "{name}", "x" * 2_000).words == "x" * LETTERS + "…"
    assert quoted("it's \\ 1") == "'it\\'s \\\\ 1'"


def test_placeholders_are_named_once_in_their_order() -> None:
    """The order of the values is that of the English words."""
    assert placeholders("{b} {a} {b}") == ("b", "a")
    assert placeholders("none") == ()


def test_an_error_carries_what_it_says() -> None:
    """An error's text is the English words; one that a decoder gave has words of its own beside them."""
    words = said("test.bytes", "{what}: unreadable", "record")
    error = Malformed(words, pointer="/body", precise="record: Expected `int`")
    assert (str(error), error.detail, error.said) == ("record: Expected `int`", "record: Expected `int`", words)
    assert str(ProofInvalid(error.said)) == "record: unreadable"
    assert ProofInvalid("plain").said == Said("", (), "plain")


def test_what_is_said_is_written_as_values() -> None:
    """A program reads the id and the values."""
    message = said("test.two", "{a} and {b}", 1, said("test.c", "c"))
    assert msgspec.json.decode(msgspec.json.encode(message)) == {
        "id": "test.two",
        "values": [["a", "1"], ["b", {"id": "test.c", "values": [], "words": "c"}]],
        "words": "1 and c",
    }
