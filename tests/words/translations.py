"""What the `.po` files hold, and the catalogues that are made of them."""

import json
from collections.abc import Mapping

from babel.messages.pofile import read_po

from hanse_words import ENGLISH
from tests.conftest import ROOT
from tests.words.collected import messages

PO = ROOT / "ledger" / "hanse_words" / "po"


def translations(code: str) -> dict[str, str]:
    """Give the words of a language by id, in the order of ids: those that translate today's English."""
    if code == ENGLISH:
        return messages()
    with (PO / f"{code}.po").open("rb") as file:
        catalog = read_po(file, locale=code)
    today = messages()
    return {
        message.context: str(message.string)
        for message in catalog
        if message.context and message.string and not message.fuzzy and today.get(message.context) == message.id
    }


def catalogue_bytes(words: Mapping[str, str]) -> bytes:
    """Write a catalogue: one JSON object, sorted, a line each, so that a change shows."""
    return json.dumps(dict(sorted(words.items())), ensure_ascii=False, indent=0).encode() + b"\n"
