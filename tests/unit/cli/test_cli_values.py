"""What people type: ids, moments, amounts, goods, terms."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_cli.base.money import money_of
from hanse_cli.base.values import in_groups, key_of, moment_of, object_id_of, scaled_of, split_names
from hanse_cli.commands.declaration import line_of
from hanse_cli.commands.party import terms_of
from hanse_cli.commands.proof import disclosures
from hanse_client.base.errors import InvalidInput
from hanse_ledger.kinds.declaration.bodies import CertificateUse, DeclarationLine
from hanse_ledger.values.figures import decimal_text
from hanse_ledger.values.moments import moment_words

ID, OTHER = bytes(range(32)), bytes(range(32, 64))
LAST_MS = 253_402_300_799


def test_ids_and_keys_are_hexadecimal_of_their_length() -> None:
    """An id has 64 digits, a key 66; capitals and blanks around them do no harm."""
    assert object_id_of(f" {ID.hex().upper()} ") == ID
    assert key_of("01" + ID.hex()) == b"\x01" + ID
    for wrong in ("", "abc", ID.hex()[:-2], ID.hex() + "00", "z" * 64):
        with pytest.raises(InvalidInput):
            object_id_of(wrong)
        with pytest.raises(InvalidInput):
            key_of(wrong if wrong != ID.hex() + "00" else ID.hex())


@given(st.integers(0, LAST_MS))
def test_moments_survive_being_written_and_read(seconds: int) -> None:
    """A moment to the second reads back as itself."""
    assert moment_of(moment_words(seconds * 1_000)) == seconds * 1_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-17", datetime(2026, 9, 17, tzinfo=UTC)),
        ("2026-09-17T12:00:00Z", datetime(2026, 9, 17, 12, tzinfo=UTC)),
        ("2026-09-17T12:00:00+02:00", datetime(2026, 9, 17, 10, tzinfo=UTC)),
        ("2026-09-17T12:00:00", datetime(2026, 9, 17, 12, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_utc(text: str, moment: datetime) -> None:
    """The machine's own time zone plays no part."""
    assert moment_of(text) == moment.timestamp() * 1_000


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "1969-12-31", "17.9.2026"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A wrong time is an error, never another time."""
    with pytest.raises(InvalidInput):
        moment_of(text)


@given(st.integers(1, 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_amounts_survive_being_written_and_read(minor: int, currency: str) -> None:
    """Minor units written as a decimal of their currency read back as themselves."""
    places = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}[currency]
    assert scaled_of(decimal_text(minor, places), places, f"amount of {currency}") == minor


@pytest.mark.parametrize("amount", ["", "x", "0", "-1", "1.001", "NaN", "Infinity", "1e99999999"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    """Nothing is rounded, and nothing that is no number above zero is paid."""
    with pytest.raises(InvalidInput):
        scaled_of(amount, 2, "amount of EUR")


def test_goods_are_read_from_a_line() -> None:
    """HS code, origin, quantity and unit, and the certificate's line where there is one."""
    bare = DeclarationLine(
        certificate=None, hs_code="691110", origin="CN", quantity_micro=12_500_000, source=None, unit="C62"
    )
    assert line_of("691110,CN,12.5,C62") == bare
    used = line_of(f"691110, CN, 120, C62, {ID.hex()}:2")
    assert used.certificate == CertificateUse(certificate=ID, line=2)
    assert used.quantity_micro == 120_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "691110,CN,120",
        "691,CN,120,C62",
        "691110,china,120,C62",
        "691110,CN,0,C62",
        "691110,CN,0.0000001,C62",
        "691110,CN,NaN,C62",
        "691110,CN,many,C62",
        "691110,CN,1e99999999,C62",
        f"691110,CN,1,C62,{ID.hex()}",
        f"691110,CN,1,C62,{ID.hex()}:0",
        "691110,CN,1,C62,abc:1",
    ],
)
def test_what_is_no_line_of_goods_is_refused(text: str) -> None:
    """Every part of a line is held to the bounds of the record before anything is signed."""
    with pytest.raises(InvalidInput):
        line_of(text)


def test_terms_to_disclose_belong_to_one_object() -> None:
    """With one object its terms are meant; with several each must say whose."""
    assert disclosures([ID], ["BT-1,BT-2", "BT-115"]) == {ID: ["BT-1", "BT-2", "BT-115"]}
    assert disclosures([ID, OTHER], [f"{OTHER.hex()}:BT-1"]) == {OTHER: ["BT-1"]}
    with pytest.raises(InvalidInput):
        disclosures([ID, OTHER], ["BT-1"])


def test_terms_of_an_identity_have_names() -> None:
    """Each is NAME=VALUE, the value may hold an equals sign, and none stands twice."""
    assert terms_of(["name=Qingwan = Kiln", "lei=5"]) == {"name": "Qingwan = Kiln", "lei": "5"}
    for wrong in (["name"], ["=x"], ["name="], ["name=a", "name=b"]):
        with pytest.raises(InvalidInput):
            terms_of(wrong)


def test_names_are_split_at_commas() -> None:
    """Blanks, empty names and repetitions fall away."""
    assert split_names(" BT-1, BT-2,,BT-1 ") == ("BT-1", "BT-2")


def test_a_fingerprint_is_read_out_in_groups() -> None:
    """Four digits at a time, all of them."""
    assert in_groups(b"\x01\x23\x45\x67") == "0123 4567"
    assert in_groups(ID).replace(" ", "") == ID.hex()


@pytest.mark.parametrize("text", ["", "150.00", "150.00,EURO", "150.001,EUR", "0,EUR", "-1,EUR", "1.5,JPY"])
def test_what_is_no_amount_of_money_is_refused(text: str) -> None:
    """An amount above zero, with no more decimals than ISO 4217 gives its currency."""
    with pytest.raises(InvalidInput):
        money_of(text, "value")


def test_money_is_read_in_minor_units() -> None:
    """With the decimal places of its currency."""
    assert money_of("150.00, EUR", "value") == (15_000, "EUR", 2)
    assert money_of("10000,JPY", "value") == (10_000, "JPY", 0)
