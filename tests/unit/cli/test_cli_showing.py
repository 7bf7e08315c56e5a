"""What a file says of itself is written as people read it: money and quantities in their units, and nothing else."""

from functools import cache

import msgspec
import pytest
from msgspec.structs import replace

from hanse_cli.base.console import format_json
from hanse_cli.output.showing import MOST_LINES, describe, describe_text
from hanse_documents import UnsupportedFormat
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.wire.codec import encode
from tests.tables.proofs import ProofMaker
from tests.world.corridor import sign, story, traders


def lines(data: bytes) -> dict[str, str]:
    """Give the description of a file by names."""
    rows = (row.split(maxsplit=1) for row in describe_text(describe(data)).splitlines())
    return {row[0]: row[-1] for row in rows}


def test_a_record_tells_money_and_quantities_in_their_units() -> None:
    """Whoever is to sign reads 1000.00 EUR and 500 C62, not minor units and millionths."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    instructed = lines(encode(sign(corridor.make.instruction(), "buyer").envelope))
    amounts = [text for name, text in instructed.items() if name.endswith("amount_minor")]
    assert amounts == ["1000.00 EUR", "1000.00 EUR"]
    certified = lines(encode(sign(corridor.make.certificate(), "chamber").envelope))
    assert [text for name, text in certified.items() if name.endswith("quantity_micro")] == ["500 C62", "20 KGM"]


def test_what_was_credited_is_money_of_its_payment() -> None:
    """A confirmation names no currency: it is its payment's, by the payment's state or by its instruction."""
    told = story()
    shown = lines(write_proof(ProofMaker(told).proof(told.id["payment"])))
    credited = [text for name, text in shown.items() if name.endswith("credited_minor")]
    assert credited == ["1000.00 EUR"]
    assert {name for name, text in shown.items() if name.endswith("_minor") and not text.endswith(" EUR")} == set()


def test_of_a_confirmation_alone_the_unit_is_said() -> None:
    """Where nothing in the file says which currency it is, the number is not left to be taken for money."""
    text = describe_text({"body": {"payment": "ab", "credited_minor": 238_000, "charges": [{"amount_minor": 5}]}})
    assert "238000 minor units of a currency that is not named here" in text
    assert " 5 minor units of a currency that is not named here" in text


def test_moments_are_dates() -> None:
    """When a declaration was lodged and a payment instructed is no number of milliseconds."""
    text = describe_text({"status": {"lodged": 1_789_689_600_999, "instructed": 0}})
    assert ("2026-09-18T00:00:00Z" in text, "1970-01-01T00:00:00Z" in text) == (True, True)


def test_what_cannot_be_money_stays_as_it_is() -> None:
    """A made-up file may claim any number of decimal places, or none."""
    described = {
        "one": {"amount_minor": 5, "currency": "EUR", "minor_digits": 10**9},
        "two": {"amount_minor": 10**40, "currency": "EUR", "minor_digits": 2},
        "three": {"amount_minor": 7},
        "four": {"quantity_micro": "1e9", "unit": "KGM"},
    }
    text = describe_text(described)
    for value in (" 5", str(10**40), " 7", " 1e9"):
        assert value in text
    assert " EUR\n" in text
    assert ".05 EUR" not in text


@cache
def proven() -> ProofFile:
    """Give a proof file of an invoice."""
    corridor = story()
    return ProofMaker(corridor).proof(corridor.id["invoice"])


def claiming(value: bytes) -> bytes:
    """Write a proof file whose first aspect claims to hold a value, in MessagePack."""
    proof = proven()
    first, *others = proof.objects
    shown, *rest = first.aspects
    name, salt, _ = msgspec.msgpack.decode(shown.leaf)
    leaf = msgspec.msgpack.encode([name, salt, msgspec.Raw(value)])
    return write_proof(
        replace(proof, objects=(replace(first, aspects=(replace(shown, leaf=leaf), *rest)), *others)),
    )


@pytest.mark.parametrize(
    "value",
    [
        *[b"\x91" * depth + b"\xc0" for depth in (10, 400, 900, 5_000)],
        *[b"\x81\xa1a" * depth + b"\xc0" for depth in (10, 400, 900)],
        b"\x81\xda\xf0\x00" + b"n" * 61_440 + b"\xc0",
        b"\x81\xc5\x01\x00" + b"n" * 256 + b"\xc0",
        b"\x81\x91\x01\xc0",
        b"\x81\x01\xc0",
        b"\xc7\x03\x05abc",
        b"\xd6\xff\x00\x00\x00\x00",
    ],
)
def test_a_value_of_no_ledgers_form_is_not_unfolded(value: bytes) -> None:
    """Nested deeper, or with longer names, than any value is: it would be another program's bug, or fill its memory."""
    with pytest.raises(UnsupportedFormat, match="can be read"):
        describe(claiming(value))


@pytest.mark.parametrize(
    "value", [b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", b"\xcf" + b"\xff" * 8, b"\xa1\x1b", b"\xc2", b"\xc4\x01\xff"]
)
def test_other_values_are_shown(value: bytes) -> None:
    """What is plain is shown, whatever it means; nothing of it was checked."""
    described = describe(claiming(value))
    assert describe_text(described)
    assert format_json(described)


def test_what_is_long_is_cut_for_people() -> None:
    """A file of a megabyte may have a million numbers in it, each with a name before it."""
    described: dict[str, object] = {"a" * 64: {"b" * 64: {"c" * 64: [0] * 300_000}}}
    text = describe_text(described)
    assert len(text) < 64 * 1024 * 1024
    assert text.splitlines()[-1].endswith("more lines; --json shows them all")
    assert len(text.splitlines()) == MOST_LINES + 1
