"""An object's aspects in words, as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_client.base.wording import aspect_rows, with_article
from hanse_ledger.kinds.certificate.state import Balance, CertificateState, CertificateStatus, Move
from hanse_ledger.kinds.declaration.bodies import CertificateUse, DeclarationLine, Regime
from hanse_ledger.kinds.declaration.state import DeclarationState, DeclarationStatus, DeclaredValue
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.invoice.state import InvoiceAmounts, InvoiceLinks, InvoicePledge
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.office.state import OfficeSettings
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.state import PartyKey, PartyStatus
from hanse_ledger.kinds.payment.state import PaymentAmounts, PaymentState, PaymentStatus, Share
from hanse_ledger.values.figures import decimal_text, money_text, quantity_text

NAME, OTHER = bytes(range(32)), bytes(range(32, 64))


@pytest.mark.parametrize(("suspended", "word"), [(False, "no"), (True, "yes")])
def test_what_is_so_or_not_is_no_moment(suspended: bool, word: str) -> None:
    """A party was shown as suspended since 1970: true and false are numbers to Python."""
    status = PartyStatus(roles=(PartyRole.BUYER,), suspended=suspended, valid_from=0, valid_until=1_000)
    assert ("suspended", word) in list(aspect_rows({"status": status}))


def test_aspects_read_as_people_read_them() -> None:
    """Money has its currency, a quantity its unit, a moment is a date, nothing is a dash; no Python shows through."""
    rows = list(
        aspect_rows(
            {
                "amounts": InvoiceAmounts(
                    credited_minor=0,
                    currency="EUR",
                    minor_digits=2,
                    payable_minor=515_000,
                    settled_minor=0,
                    under_way_minor=1,
                ),
                "balances": (
                    Balance(
                        drawn_before_micro=0,
                        hs_code="691110",
                        moved=None,
                        origin="CN",
                        quantity_micro=120_500_000,
                        reserved_micro=0,
                        unit="KGM",
                        written_off_micro=500_000,
                    ),
                ),
                "history": History(count=3, head=NAME),
                "links": InvoiceLinks(buyer=NAME, declarations=2, seller=OTHER, tags=()),
                "pledge": InvoicePledge(pledged_by=None),
                "status": CertificateStatus(
                    replaced_by=None, state=CertificateState.LIVE, valid_from=0, valid_until=1_789_689_600_999
                ),
            }
        )
    )
    assert rows == [
        ("credited", "0.00 EUR"),
        ("payable", "5150.00 EUR"),
        ("settled", "0.00 EUR"),
        ("under way", "0.01 EUR"),
        (
            "balance 1",
            "drawn before 0 KGM, hs code 691110, origin CN, quantity 120.5 KGM, reserved 0 KGM, written off 0.5 KGM",
        ),
        ("history", f"3 records, head {NAME.hex()}"),
        ("buyer", NAME.hex()),
        ("declarations", "2"),
        ("seller", OTHER.hex()),
        ("tags", "-"),
        ("pledged by", "-"),
        ("replaced by", "-"),
        ("valid from", "1970-01-01T00:00:00Z"),
        ("valid until", "2026-09-18T00:00:00Z"),
    ]


def test_a_balance_says_its_last_move() -> None:
    """In one line with the balance: when, at which office, by which record, and what was used before, in its unit."""
    moved = Move(
        at=1_789_689_600_999,
        office="customs-be",
        record=NAME,
        reserved_before_micro=500_000,
        written_off_before_micro=0,
    )
    balance = Balance(
        drawn_before_micro=0,
        hs_code="691110",
        moved=moved,
        origin="CN",
        quantity_micro=120_500_000,
        reserved_micro=0,
        unit="KGM",
        written_off_micro=500_000,
    )
    assert list(aspect_rows({"balances": (balance,)})) == [
        (
            "balance 1",
            "drawn before 0 KGM, hs code 691110, last moved 2026-09-18T00:00:00Z, at office customs-be, "
            f"by record {NAME.hex()}, reserved before 0.5 KGM, written off before 0 KGM, origin CN, "
            "quantity 120.5 KGM, reserved 0 KGM, written off 0.5 KGM",
        )
    ]


def test_every_status_gives_its_moments_as_dates() -> None:
    """Nobody reads milliseconds since 1970: when a payment was instructed, or a declaration lodged, is a date."""
    paid = PaymentStatus(accepted=None, instructed=1_789_689_600_999, state=PaymentState.CONFIRMED)
    lodged = DeclarationStatus(heard=0, lodged=0, regime=Regime.EXPORT, state=DeclarationState.RELEASED)
    assert list(aspect_rows({"status": paid})) == [
        ("accepted", "-"),
        ("instructed", "2026-09-18T00:00:00Z"),
    ]
    assert list(aspect_rows({"status": lodged})) == [
        ("heard", "1970-01-01T00:00:00Z"),
        ("lodged", "1970-01-01T00:00:00Z"),
        ("regime", "export"),
    ]


def test_a_payment_names_what_it_pays() -> None:
    """Each allocation is a line with the invoice and its share."""
    amounts = PaymentAmounts(
        allocations=(
            Share(amount_minor=700, invoice=NAME, pledge=None),
            Share(amount_minor=1, invoice=OTHER, pledge=None),
        ),
        amount_minor=701,
        charged_minor=1,
        credited_minor=700,
        currency="JPY",
        debit=None,
        last_charged_minor=1,
        last_credited_minor=700,
        minor_digits=0,
        returned_minor=0,
        under_way_minor=0,
    )
    assert list(aspect_rows({"amounts": amounts})) == [
        (f"allocated to {NAME.hex()}", "700 JPY"),
        (f"allocated to {OTHER.hex()}", "1 JPY"),
        ("amount", "701 JPY"),
        ("charged", "1 JPY"),
        ("credited", "700 JPY"),
        ("debit", "-"),
        ("last charged", "1 JPY"),
        ("last credited", "700 JPY"),
        ("returned", "0 JPY"),
        ("under way", "0 JPY"),
    ]


def test_a_declared_line_says_certificate_once() -> None:
    """A line names its certificate and the certificate's line, each by one name."""
    use = CertificateUse(certificate=NAME, line=1)
    line = DeclarationLine(
        certificate=use, hs_code="691110", origin="CN", quantity_micro=5_000_000, source=None, unit="C62"
    )
    assert dict(aspect_rows({"lines": (line,)})) == {
        "line 1": f"certificate {NAME.hex()}, certificate line 1, hs code 691110, origin CN, quantity 5 C62, source -"
    }


def test_a_limit_and_a_value_are_amounts() -> None:
    """What an office takes of low value, and what goods are worth, stand in their currencies, which are said once."""
    limits = (
        LowValue(at_most_minor=15_000, currency="EUR", minor_digits=2),
        LowValue(at_most_minor=10_000, currency="JPY", minor_digits=0),
    )
    settings = OfficeSettings(encryption_key=NAME, four_eyes=(), low_value=limits, profile=None)
    assert dict(aspect_rows({"settings": settings}))["low value"] == "150.00 EUR, 10000 JPY"
    worth = DeclaredValue(amount_minor=2_950, currency="EUR", minor_digits=2)
    assert list(aspect_rows({"value": worth})) == [("value", "29.50 EUR")]
    assert list(aspect_rows({"value": None})) == [("value", "-")]


def test_a_party_without_a_key_says_so() -> None:
    """A revoked key is not shown as nothing."""
    rows = dict(aspect_rows({"key": PartyKey(encryption_key=NAME, key=None, open_repair=None, replaced=None)}))
    assert rows == {"key": "revoked", "encryption key": NAME.hex()}


@pytest.mark.parametrize(
    ("amount", "currency", "places", "words"),
    [
        (515_000, "EUR", 2, "5150.00 EUR"),
        (7, "JPY", 0, "7 JPY"),
        (1_234, "KWD", 3, "1.234 KWD"),
        (5, "XYZ", 2, "0.05 XYZ"),
    ],
)
def test_money_has_the_records_places(amount: int, currency: str, places: int, words: str) -> None:
    """The record says how many places a minor unit has; no table is asked."""
    beside = InvoiceAmounts(
        credited_minor=0, currency=currency, minor_digits=places, payable_minor=0, settled_minor=0, under_way_minor=0
    )
    assert money_text(amount, beside) == words


@given(st.integers(0, 10**18))
def test_quantities_lose_nothing(micro: int) -> None:
    """What is written is the quantity, without zeros that say nothing."""
    number, unit = quantity_text(micro, "C62").split()
    whole, _, fraction = number.partition(".")
    assert (int(whole) * 1_000_000 + int(fraction.ljust(6, "0")), unit) == (micro, "C62")
    assert not fraction.endswith("0")


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_decimals_lose_nothing(scaled: int, places: int) -> None:
    """Taking the point out gives the number back."""
    assert int(decimal_text(scaled, places).replace(".", "")) == scaled


def test_nouns_have_their_article() -> None:
    """An invoice, a payment."""
    assert [with_article(noun) for noun in ("invoice", "payment", "object")] == ["an invoice", "a payment", "an object"]
