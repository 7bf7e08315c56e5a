"""A pattern is no message: wherever one is asked for, words say what is wanted, with an example."""

import re
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Struct

from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import draft
from hanse_ledger.kinds.invoice.bodies import RefuseInvoice
from hanse_ledger.kinds.payment.bodies import RejectPayment
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import Malformed
from hanse_node.base.addresses import Address, HostPort
from hanse_node.base.config import parse_config
from hanse_node.base.errors import CannotStart
from tests.world.corridor_genesis import T0, public

NAMED = {name: value for name, value in vars(patterns).items() if name.isupper() and isinstance(value, str)}
PUBLIC = {name: value for name, value in NAMED.items() if value.startswith("^")}


class Places(Struct):
    """Where others are."""

    engine: HostPort
    node: Address


def test_every_pattern_has_words() -> None:
    """Each is named once, and its example is one."""
    assert set(PUBLIC.values()) == set(patterns.WORDS)
    for pattern, words in patterns.WORDS.items():
        for example in re.findall(r"(?:such as|or) (\S+)$", words):
            if pattern != patterns.HEX_32:
                assert re.search(pattern, example), words


def test_no_type_has_a_pattern_of_its_own(root: Path) -> None:
    """A pattern that nobody has put into words would be a message."""
    for package in ("ledger", "client", "node"):
        for path in (root / package).rglob("*.py"):
            assert not re.search(r"Meta\([^)]*pattern=(?!patterns\.)", path.read_text()), path


@pytest.mark.parametrize("pattern", PUBLIC.values(), ids=PUBLIC)
def test_msgspec_s_words_are_replaced(pattern: str) -> None:
    """What the library says of any of them is known to `in_words`."""
    meta = msgspec.Meta(pattern=pattern)
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert("\0 ", type=Annotated[str, meta])
    said = patterns.in_words(str(caught.value))
    assert patterns.WORDS[pattern] in said
    assert "regex" not in said
    assert (
        patterns.in_words("Expected `str` matching regex '^x$' - at `$.a`")
        == "Expected text of another form - at `$.a`"
    )


def test_a_reason_is_asked_for_in_words() -> None:
    """The command's user reads what a reason looks like, and no expression."""
    body = RefuseInvoice(invoice=bytes(32), reasons=("too dear",))
    with pytest.raises(InvalidInput, match="WRONG-PRICE") as caught:
        draft(body, bytes(32), (public("buyer"),), T0)
    assert "regex" not in str(caught.value)
    with pytest.raises(InvalidInput, match="AC04"):
        draft(RejectPayment(payment=bytes(32), reason="am4"), bytes(32), (public("bank"),), T0)


def test_settings_and_files_are_asked_for_in_words() -> None:
    """A node's settings, and whatever is malformed."""
    with pytest.raises(CannotStart, match="small letters, digits and inner hyphens, such as bank-de") as caught:
        parse_config(b'cosigner = "The Bank"', {})
    assert "regex" not in str(caught.value)
    with pytest.raises(msgspec.ValidationError) as wrong:
        msgspec.convert({"engine": "x", "node": "y"}, Places)
    assert Malformed(str(wrong.value)).detail == str(Malformed(str(wrong.value)))
    assert "bank.example:26656" in Malformed(str(wrong.value)).detail
