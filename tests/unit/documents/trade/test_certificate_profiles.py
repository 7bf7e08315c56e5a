"""The kinds of certificates: each row's boxes, criteria, months and parties are missed by name."""

import pytest
from msgspec.structs import replace

from hanse_documents.model.documents import CertificateDocument
from hanse_documents.model.errors import Examiner
from hanse_documents.samples import sample
from hanse_documents.semantics.profiles import (
    FIELDS,
    LINE_FIELDS,
    PROFILES,
    Profile,
    last_day,
    profile_of,
    verify_profile,
)
from hanse_documents.syntax.coo import read_coo

BARE = read_coo(sample("certificate.json"))


def complete(profile: Profile) -> CertificateDocument:
    """Give a certificate of a kind with all its boxes filled."""
    origin = min(profile.members, default="CN")
    criterion = min(profile.criteria, default="WO")
    return replace(
        BARE,
        agreement=profile.name if profile.preferential else None,
        preferential=profile.preferential,
        lines=tuple(replace(line, origin=origin, criterion=criterion) for line in BARE.lines),
        valid_until=None,
    )


def findings(certificate: CertificateDocument) -> list[str]:
    """List the fields of what is found."""
    examiner = Examiner()
    verify_profile(certificate, examiner)
    return [finding.field for finding in examiner.finish()]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda row: row.name)
def test_a_complete_certificate_of_each_kind_has_no_findings(profile: Profile) -> None:
    """What fills every box is found in order, and is of its kind."""
    assert profile_of(complete(profile)) is profile
    assert findings(complete(profile)) == []
    assert profile.source


@pytest.mark.parametrize("profile", PROFILES, ids=lambda row: row.name)
def test_each_empty_box_is_found(profile: Profile) -> None:
    """Every box of a row, emptied alone, is told alone."""
    whole = complete(profile)
    nobody = replace(whole.exporter, name=None)
    emptied = {
        "number": replace(whole, number=""),
        "issued": replace(whole, issued=None),
        "issuer/name": replace(whole, issuer=nobody),
        "exporter/name": replace(whole, exporter=nobody),
        "consignee/name": replace(whole, consignee=None),
        "export_country": replace(whole, export_country=None),
        "import_country": replace(whole, import_country=None),
    }
    for box in profile.boxes:
        if box in emptied:
            assert findings(emptied[box]) == [box]
            continue
        field = box.removeprefix("lines/")
        first, *others = whole.lines
        assert findings(replace(whole, lines=(replace(first, **{field: None}), *others))) == [f"lines/1/{field}"]


@pytest.mark.parametrize("profile", [row for row in PROFILES if row.criteria], ids=lambda row: row.name)
def test_a_criterion_of_another_kind_is_found(profile: Profile) -> None:
    """Each kind knows its own criteria, with what is written behind them."""
    whole = complete(profile)
    first, *others = whole.lines
    for criterion in (*profile.criteria, f"{min(profile.criteria)} (40%)"):
        assert findings(replace(whole, lines=(replace(first, criterion=criterion), *others))) == []
    assert findings(replace(whole, lines=(replace(first, criterion="XYZ"), *others))) == ["lines/1/criterion"]


@pytest.mark.parametrize("profile", [row for row in PROFILES if row.members], ids=lambda row: row.name)
def test_an_origin_outside_of_the_agreement_is_found(profile: Profile) -> None:
    """Goods of a country that is no party have no preference."""
    whole = complete(profile)
    first, *others = whole.lines
    assert findings(replace(whole, lines=(replace(first, origin="BR"), *others))) == ["lines/1/origin"]


@pytest.mark.parametrize("profile", [row for row in PROFILES if row.months], ids=lambda row: row.name)
def test_a_certificate_that_holds_too_long_is_found(profile: Profile) -> None:
    """Each kind holds for so many months from its issue, and no day more."""
    whole = complete(profile)
    last = last_day(whole.issued, profile.months)
    assert last is not None
    assert findings(replace(whole, valid_until=last)) == []
    assert findings(replace(whole, valid_until=f"{int(last[:4]) + 1}{last[4:]}")) == ["valid_until"]


def test_months_are_counted_over_the_year() -> None:
    """Ten months from September end in July of the next year."""
    assert last_day("2026-09-18", 10) == "2027-07-18"
    assert last_day("2026-09-18", 48) == "2030-09-18"
    assert last_day("2026-12-01", 12) == "2027-12-01"
    assert last_day(None, 12) is None
    assert last_day("2026-09-18", None) is None


@pytest.mark.parametrize(
    ("agreement", "name"),
    [
        ("ChAFTA", "CHAFTA"),
        ("China-Australia Free Trade Agreement", "CHAFTA"),
        ("GSP Form A", "Form A"),
        ("Form D", "ATIGA Form D"),
        ("EUR.1", "EUR.1"),
        ("EUR-MED", "EUR.1"),
        ("CUSMA / T-MEC", "USMCA"),
        ("RCEP", "RCEP"),
        ("Form AANZ", "AANZFTA"),
    ],
)
def test_kinds_are_known_by_how_they_call_themselves(agreement: str, name: str) -> None:
    """Points, case and what stands around the name do not count."""
    profile = profile_of(replace(BARE, agreement=agreement, preferential=True))
    assert profile is not None
    assert profile.name == name


def test_an_agreement_without_a_row_is_said() -> None:
    """Nobody takes unchecked boxes for checked ones."""
    assert findings(replace(BARE, agreement="Pacific Alliance", preferential=True)) == ["agreement"]
    assert findings(replace(BARE, preferential=True)) == ["agreement"]
    assert findings(replace(complete(PROFILES[3]), preferential=False)) == ["preferential"]


def test_boxes_are_fields_that_are_known() -> None:
    """A row names no box that is not in the tables of boxes."""
    for profile in PROFILES:
        for box in profile.boxes:
            assert box in FIELDS or box.removeprefix("lines/") in LINE_FIELDS
