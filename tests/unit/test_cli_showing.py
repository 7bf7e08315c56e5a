"""What a file says of itself is written as people read it: money and quantities in their units, and nothing else."""

from hanse_client.cli.showing import describe, describe_text
from hanse_ledger.codec import encode
from tests.corridor import sign, traders


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
