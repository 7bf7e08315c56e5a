"""What the ledger says to people: an id, values, and the English words that they make.

`said("proof.other-ledger", "the proof is of {seen}, the trust file of {trusted}", seen, trusted)` stands where it
is said. The id and the words are literals, so that a catalogue of another language can be made from the source, as
`gettext` does; a language is a table from ids to words with the same placeholders, each any number of times and in any
order. A value that is itself said in words is a `Said` inside, and a list of values is parted by the language's comma.

No message is bent by a number: words that count say the number and what it is of, whatever the number is.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hanse_ledger.values.patterns import one_line

LETTERS = 1_024
"""So many letters are kept of what is said: it may quote a file, whose names are as long as its maker likes."""

COMMA = ", "
COMMA_ID = "list.comma"
"""What parts the values of a list, and its id in a catalogue."""


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What was said.

    Attributes:
        id: names the words in every language; empty for words that are nobody's to translate.
        values: what stands in their placeholders, by name, in the order of the English words.
        words: the same in English.
    """

    id: str
    values: tuple[tuple[str, "Value"], ...]
    words: str

    def __str__(self) -> str:
        return self.words


Value = str | Said | tuple[str | Said, ...]
"""A text that is the same in every language, such as a number or an id; words; or a list of either."""


def said(name: str, words: str, *values: "str | int | Said | Sequence[str | Said]") -> Said:
    """Say something.

    Args:
        name: its id, a literal.
        words: in English, a literal, with placeholders such as `{seen}`.
        values: what stands in them, in the order in which they first stand in the words. Of text what acts on its
            reader instead of being seen is replaced.
    """
    kept = tuple(zip(placeholders(words), map(_kept, values), strict=True))
    return Said(name, kept, shortened(filled(words, {place: _english(value) for place, value in kept})))


def quoted(text: str) -> str:
    """Write text of others between quotation marks, so that its end can be told."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def unsaid(text: str) -> Said:
    """Take words that are nobody's to translate, such as another program's, for something said."""
    return Said("", (), shortened(one_line(text)))


def in_language(message: Said, catalogue: Mapping[str, str]) -> str:
    """Say the same in the words of a catalogue, and in English what it lacks."""
    words = catalogue.get(message.id, "") if message.id else ""
    if not words:
        return message.words
    return shortened(filled(words, {place: _translated(value, catalogue) for place, value in message.values}))


def placeholders(words: str) -> tuple[str, ...]:
    """List the placeholders of words, each once, in the order in which they first stand there."""
    found: dict[str, None] = {}
    rest = words
    while "{" in rest:
        name, _, rest = rest.partition("{")[2].partition("}")
        found[name] = None
    return tuple(found)


def filled(words: str, values: Mapping[str, str]) -> str:
    """Put values in the place of placeholders, once: braces in a value are letters like others."""
    parts: list[str] = []
    rest = words
    while "{" in rest:
        before, _, after = rest.partition("{")
        name, _, rest = after.partition("}")
        parts.append(before)
        parts.append(values[name])
    parts.append(rest)
    return "".join(parts)


def shortened(text: str) -> str:
    """Cut off what is longer than anybody reads."""
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}…"


def _kept(value: "str | int | Said | Sequence[str | Said]") -> Value:
    if isinstance(value, Said):
        return value
    if isinstance(value, str | int):
        return one_line(str(value))
    return tuple(part if isinstance(part, Said) else one_line(part) for part in value)


def _english(value: Value) -> str:
    if isinstance(value, Said):
        return value.words
    return value if isinstance(value, str) else COMMA.join(str(part) for part in value)


def _translated(value: Value, catalogue: Mapping[str, str]) -> str:
    if isinstance(value, Said):
        return in_language(value, catalogue)
    if isinstance(value, str):
        return value
    parts = [in_language(part, catalogue) if isinstance(part, Said) else part for part in value]
    return catalogue.get(COMMA_ID, COMMA).join(parts)
