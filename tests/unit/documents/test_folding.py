"""Names, numbers, accounts and days: what people and banks write differently agrees, and nothing else does."""

from unicodedata import ucd_3_2_0 as unicode_3_2

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanse_documents.checks.likeness import mentioned, mentions, not_before, same_account, same_name, same_number

NAMES = [
    ("Brouwer Handel B.V.", "BROUWER HANDEL BV", True),
    ("Lindqvist & Partner A/S", "LINDQVIST AND PARTNER AS", True),
    ("Lindqvist & Partner A/S", "Lindqvist + Partner AS", True),
    ("Lindqvist & Partner A/S", "LINDQVIST PARTNER AS", True),
    ("Jansen en Zonen", "Jansen & Zonen", True),
    ("Ex Company Limited", "Ex Co., Ltd.", True),
    ("Müller & Söhne Gerätebau GmbH", "MUELLER + SOEHNE GERAETEBAU GMBH", True),
    ("Müller & Söhne Gerätebau GmbH", "MULLER UND SOHNE GERATEBAU GMBH", True),
    ("Müller Straße", "MULLER STRASSE", True),
    ("Société Générique d'Équipement S.A.", "SOCIETE GENERIQUE D EQUIPEMENT SA", True),
    ("Ærø Ångström", "AEROE ANGSTROM", True),
    ("Łódź Çelik Ñandú", "LODZ CELIK NANDU", True),
    ("Mu\u0308ller", "M\u00fcller", True),
    ("Ｅｘ　ＢＶ", "Ex B.V.", True),  # noqa: RUF001 — the full-width forms of Chinese keyboards
    ("ﬁne", "FINE", True),
    ("ООО Ромашка", "ооо «ромашка»", True),  # noqa: RUF001 — Russian
    ("가나", "\u1100\u1161\u1102\u1161", True),
    ("Müller", "M?LLER", None),
    ("杭州清湾", "HANGZHOU QINGWAN", None),
    # Whatever is folded, another name stays another name.
    ("Müller", "Möller", False),
    ("Möller", "Møller", False),
    ("Mueller", "Muller", False),
    ("Ex GmbH", "Ex AG", False),
    ("Ex 1 BV", "Ex 2 BV", False),
    ("Ex BV", "Ex", False),
    ("En Vogue BV", "Vogue BV", False),
    ("Jean et Paul", "Jean Paul", False),
    ("Вrouwer", "Brouwer", False),  # noqa: RUF001 — a Cyrillic letter among Latin ones
    ("हिन्दी", "हन्द", False),
    ("&", "+", False),
    ("---", "...", False),
]


@pytest.mark.parametrize(("left", "right", "same"), NAMES)
def test_names_are_folded_as_banks_fold_them(left: str, right: str, same: bool | None) -> None:
    """Legal forms, conjunctions, lost letters and Unicode's forms change no name, and make no two names one."""
    assert same_name(left, right) is same
    assert same_name(right, left) is same


WHOLE = "Internationale Handelsgesellschaft für Werkzeuge und Maschinen Falkenberg mbH und Co KG"


@pytest.mark.parametrize(
    ("length", "same"), [(34, True), (35, True), (36, False), (69, False), (70, True), (71, False), (3, False)]
)
def test_a_cut_name_fills_its_field(length: int, same: bool) -> None:
    """A name that ends where its field ends agrees with the whole one; a shorter name is another one.

    Of 35 signs the last is a space here, which is not sent; of 70 none is.
    """
    assert same_name(WHOLE, WHOLE[:length], cut=True) is same
    assert same_name(WHOLE, WHOLE[:length]) is False
    assert same_name(WHOLE[:length], WHOLE, cut=True) is False


def test_the_fold_of_a_name_is_bounded() -> None:
    """Names that are made to be compared in many ways are compared in a moment."""
    assert same_name("ü" * 512, "u" * 511 + "x") is False
    assert same_name("ü" * 100_000, "u" * 100_000) is False
    assert same_name("&" * 10_000 + "a", "a" * 10_000) is False


@pytest.mark.parametrize(
    ("text", "number", "found"),
    [
        ("INV FW100 20.11.2026", "FW-100", True),
        ("pays FW 100", "FW100", True),
        ("FW_100/FW_101", "FW-101", True),
        ("ＦＷ－１００", "FW-100", True),  # noqa: RUF001 — the full-width forms of Chinese keyboards
        ("RF98 1121", "RF981121", True),
        ("rf981121", "RF98 1121", True),
        ("21 00000 00003 13947", "210000000003 13947", True),
        ("INVFW100", "FW-100", False),
        ("FW-1000", "FW-100", False),
        ("AFW-100", "FW-100", False),
        ("FW 1 00", "FW-100", False),
        ("INV-7 7", "INV-77", False),
        ("20.11.2026", "20112026", False),
    ],
)
def test_a_number_is_found_as_people_write_it(text: str, number: str, found: bool) -> None:
    """With or without what stands between its parts, in groups, in full-width forms; never inside of another number."""
    assert mentions(text, number) is found


def test_a_number_may_be_cut_at_the_end_of_a_line() -> None:
    """A line that fills its field goes on in the next one; one that does not, does not."""
    assert mentioned(("PAYMENT OF YOUR INVOICE NUMBER FW-", "100 DATED 20 NOV 2026"), "FW-100")
    assert mentioned(("PAYMENT OF YOUR INVOICE NUMBER FW-1", "00 DATED 20 NOV 2026"), "FW-100")
    assert not mentioned(("PAY INV-7", "7 NOV"), "INV-77")


@pytest.mark.parametrize(
    ("paid", "given", "same"),
    [
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000", True),
        ("6222 0210 0111 2223 334", "6222021001112223334", True),
        ("１２３４５６", "123456", True),  # noqa: RUF001 — the full-width forms of Chinese keyboards
        ("6222021001112223334", "6217000099998888777", False),
        ("0123456", "123456", False),
        ("123456", "1234567", False),
        ("½3456", "123456", False),
        ("0532013000", "DE89370400440532013000", None),
        ("0532013001", "DE89370400440532013000", False),
        ("000000", "DE89370400440532013000", False),
    ],
)
def test_accounts_are_compared_by_every_sign(paid: str, given: str, same: bool | None) -> None:
    """How an account is printed does not count, each of its digits does; a national number may be an IBAN's."""
    assert same_account(paid, [given]) is same


@pytest.mark.parametrize(
    ("day", "moment", "agrees"),
    [
        ("2026-11-20", None, True),
        ("2026-11-19", None, False),
        ("2026-11-19", 1_795_113_000_000, True),  # 2026-11-19T18:30Z is the 20th in China
        ("2026-11-19", 1_795_082_400_000, True),  # 10:00Z is the 20th at UTC+14
        ("2026-11-19", 1_795_082_399_999, False),
    ],
)
def test_a_moment_has_several_days(day: str, moment: int | None, agrees: bool) -> None:
    """A time with a zone agrees with each day that it is somewhere; a date alone is the document's own."""
    assert not_before("2026-11-20", day, moment) is agrees
    assert not_before("2024-03-01", "2024-02-29", 1_709_200_800_000) is True
    assert not_before("2024-03-01", "2024-02-29", 1_709_200_799_999) is False


NAMES_OF_ALL_KINDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(NAMES_OF_ALL_KINDS)
@example("\N{ACUTE ACCENT}")
def test_unicodes_forms_are_one_name(name: str) -> None:
    """Composed, decomposed and compatible forms, as the frozen table knows them, are the same name."""
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        other = unicode_3_2.normalize(form, name)
        if other.strip():
            assert same_name(name, other) is True


@given(NAMES_OF_ALL_KINDS, NAMES_OF_ALL_KINDS)
def test_names_are_compared_alike_from_both_sides(left: str, right: str) -> None:
    """Whichever document is asked first, the answer is the same."""
    assert same_name(left, right) is same_name(right, left)


@given(st.text("0123456789 -./ABCüß&", max_size=24), st.text("0123456789 -./ABCüß&", max_size=24))
def test_no_digit_is_ever_lost(left: str, right: str) -> None:
    """Names, numbers and accounts with other digits, or with the same in another order, never agree."""
    one, other = ("".join(filter(str.isdigit, text)) for text in (left, right))
    if one != other:
        assert same_name(left, right) is not True
        assert not same_number(left, right)
        assert same_account(left, [right]) is not True
