"""Kinds of certificates of origin: which boxes must be filled, which origin criteria there are, how long each holds.

A row a kind. What a certificate lacks of its row is a finding and never a refusal: agreements change, and who issues
certificates knows them better than a table does.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from hanse_documents.model.documents import CertificateDocument, CertificateGoods
from hanse_documents.model.errors import Examiner
from hanse_ledger.values.types import Country, Day

_WORD = re.compile(r"[A-Z0-9]+", re.ASCII)
_MONTHS = 12

Filled = Callable[[CertificateDocument], bool]
FilledLine = Callable[[CertificateGoods], bool]


class Profile(Struct, frozen=True, kw_only=True):
    """One kind of certificate.

    `names` are how it calls itself, in capital letters and digits; `criteria` the codes of its column of origin
    criteria, none where it has no such column; `months` how long it holds after its issue, None where nothing says so;
    `members` the countries of the agreement, none where it is no closed circle.
    """

    name: str
    names: tuple[str, ...]
    preferential: bool
    boxes: tuple[str, ...]
    criteria: frozenset[str] = frozenset()
    months: int | None = None
    members: frozenset[Country] = frozenset()
    source: str


FIELDS: dict[str, tuple[str, Filled]] = {
    "number": ("the certificate's number", lambda paper: bool(paper.number)),
    "issued": ("the day of issue", lambda paper: bool(paper.issued)),
    "issuer/name": ("who issued it", lambda paper: bool(paper.issuer.name)),
    "exporter/name": ("the exporter", lambda paper: bool(paper.exporter.name)),
    "consignee/name": ("the consignee or importer", lambda paper: bool(paper.consignee and paper.consignee.name)),
    "export_country": ("the country of export", lambda paper: bool(paper.export_country)),
    "import_country": ("the country of import", lambda paper: bool(paper.import_country)),
    "valid_until": ("until when it holds", lambda paper: bool(paper.valid_until)),
}
"""Boxes of the whole, by the fields of `CertificateDocument`."""

LINE_FIELDS: dict[str, tuple[str, FilledLine]] = {
    "description": ("a description of the goods", lambda line: bool(line.description)),
    "hs_code": ("the HS code, of six digits at least", lambda line: len(line.hs_code or "") >= 6),
    "criterion": ("the origin criterion", lambda line: bool(line.criterion)),
    "origin": ("the country of origin", lambda line: bool(line.origin)),
    "quantity_micro": ("the quantity", lambda line: line.quantity_micro is not None),
    "invoice": ("the number of the invoice", lambda line: bool(line.invoice)),
}
"""Boxes of each line of goods, by the fields of `CertificateGoods`."""

_ASEAN = frozenset(["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"])

PROFILES: tuple[Profile, ...] = (
    Profile(
        name="non-preferential",
        names=("NONPREFERENTIAL",),
        preferential=False,
        boxes=("number", "issued", "issuer/name", "exporter/name", "lines/description", "lines/quantity_micro"),
        source="Regulation (EU) 2015/2447, annex 22-14; ICC, Certificate of Origin Guidelines",
    ),
    Profile(
        name="EUR.1",
        names=("EUR1", "EURMED", "PEM"),
        preferential=True,
        boxes=("number", "issued", "exporter/name", "export_country", "import_country", "lines/description"),
        months=10,
        source="Regional Convention on pan-Euro-Mediterranean rules of origin, appendix I, annex IV",
    ),
    Profile(
        name="Form A",
        names=("FORMA", "GSP", "GSPFORMA"),
        preferential=True,
        boxes=("number", "issued", "exporter/name", "import_country", "lines/description", "lines/criterion"),
        criteria=frozenset(["P", "W", "F", "G", "Y", "Z", "PK"]),
        months=10,
        source="UNCTAD, Generalized System of Preferences, Certificate of origin Form A, notes III",
    ),
    Profile(
        name="CHAFTA",
        names=("CHAFTA", "CHINAAUSTRALIA"),
        preferential=True,
        boxes=(
            *("number", "issued", "exporter/name", "import_country", "lines/description", "lines/hs_code"),
            *("lines/criterion", "lines/quantity_micro", "lines/invoice"),
        ),
        criteria=frozenset(["WO", "WP", "PSR"]),
        months=12,
        members=frozenset({"AU", "CN"}),
        source="China-Australia Free Trade Agreement, annex 3-A, and the overleaf of its form",
    ),
    Profile(
        name="AANZFTA",
        names=("AANZFTA", "FORMAANZ"),
        preferential=True,
        boxes=(
            *("number", "issued", "exporter/name", "consignee/name", "import_country", "lines/description"),
            *("lines/hs_code", "lines/criterion", "lines/quantity_micro", "lines/invoice"),
        ),
        criteria=frozenset(["WO", "PE", "RVC", "CTC", "CC", "CTH", "CTSH", "PSR", "OTHER", "ACU", "DMI"]),
        months=12,
        members=_ASEAN | {"AU", "NZ"},
        source="ASEAN-Australia-New Zealand FTA, chapter 3, operational certification procedures, Form AANZ",
    ),
    Profile(
        name="RCEP",
        names=("RCEP",),
        preferential=True,
        boxes=(
            *("number", "issued", "exporter/name", "consignee/name", "import_country", "lines/description"),
            *("lines/hs_code", "lines/criterion", "lines/origin", "lines/quantity_micro", "lines/invoice"),
        ),
        criteria=frozenset(["WO", "PE", "CTC", "RVC", "CR", "ACU", "DMI"]),
        months=12,
        members=_ASEAN | {"AU", "CN", "JP", "KR", "NZ"},
        source="Regional Comprehensive Economic Partnership, article 3.17 and annex 3B",
    ),
    Profile(
        name="USMCA",
        names=("USMCA", "CUSMA", "TMEC"),
        preferential=True,
        boxes=("exporter/name", "issued", "issuer/name", "lines/description", "lines/hs_code", "lines/criterion"),
        criteria=frozenset(["A", "B", "C", "D"]),
        months=48,
        members=frozenset({"CA", "MX", "US"}),
        source="USMCA, article 5.2 and annex 5-A: nine minimum data elements, accepted for four years",
    ),
    Profile(
        name="ATIGA Form D",
        names=("ATIGA", "FORMD", "ATIGAFORMD", "ACFTAFORMD"),
        preferential=True,
        boxes=(
            *("number", "issued", "exporter/name", "consignee/name", "import_country", "lines/description"),
            *("lines/hs_code", "lines/criterion", "lines/quantity_micro", "lines/invoice"),
        ),
        criteria=frozenset(["WO", "PE", "RVC", "CTC", "CC", "CTH", "CTSH", "SP", "PSR", "PC", "ACU", "DMI"]),
        months=12,
        members=_ASEAN,
        source="ASEAN Trade in Goods Agreement, annex 7 and 8, overleaf notes of Form D",
    ),
)
"""Every kind that is known."""


def profile_of(certificate: CertificateDocument) -> Profile | None:
    """Find the kind of a certificate by the agreement that it names; None for an agreement that has no row."""
    if certificate.agreement is None:
        return None if certificate.preferential else PROFILES[0]
    named = "".join(_WORD.findall(certificate.agreement.upper()))
    fitting = [(len(name), row) for row in PROFILES for name in row.names if name in named]
    # The longest name is the most exact: `FORMAANZ` is not Form A.
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


def verify_profile(certificate: CertificateDocument, examiner: Examiner) -> None:
    """Note as findings what a certificate lacks of its kind."""
    profile = profile_of(certificate)
    if profile is None:
        seen = certificate.agreement or "a preferential certificate of no named agreement"
        examiner.find("agreement", seen=seen, wanted=f"one of {_known()}: the boxes of another kind are not checked")
        return
    if profile.preferential and not certificate.preferential:
        examiner.find("preferential", seen="false", wanted=f"true, as {profile.name} is preferential")
    for field, what in _empty_boxes(certificate, profile):
        examiner.find(field, seen="nothing", wanted=f"{what}, a box of {profile.name} that must be filled")
    for place, line in enumerate(certificate.lines, 1):
        if line.criterion and profile.criteria and not _knows(profile, line.criterion):
            wanted = f"a criterion of {profile.name}: {', '.join(sorted(profile.criteria))}"
            examiner.find(f"lines/{place}/criterion", seen=line.criterion, wanted=wanted)
        if line.origin and profile.members and line.origin not in profile.members:
            wanted = f"a party to {profile.name}: {', '.join(sorted(profile.members))}"
            examiner.find(f"lines/{place}/origin", seen=line.origin, wanted=wanted)
    last = last_day(certificate.issued, profile.months)
    if last and certificate.valid_until and certificate.valid_until[:10] > last:
        wanted = f"at most {last}: {profile.name} holds for {profile.months} months"
        examiner.find("valid_until", seen=certificate.valid_until, wanted=wanted)


def last_day(issued: Day | None, months: int | None) -> Day | None:
    """Give the last day on which a certificate holds that was issued on a day; None where nobody says."""
    if issued is None or months is None:
        return None
    count = int(issued[:4]) * _MONTHS + int(issued[5:7]) - 1 + months
    year, month = divmod(count, _MONTHS)
    # The 31st of a shorter month is read as its end: such a day is compared, and never counted with.
    return f"{year:04}-{month + 1:02}-{issued[8:]}"


def _known() -> str:
    return ", ".join(row.name for row in PROFILES)


def _empty_boxes(certificate: CertificateDocument, profile: Profile) -> Iterator[tuple[str, str]]:
    for box in profile.boxes:
        of_line = box.removeprefix("lines/")
        if of_line == box:
            what, filled = FIELDS[box]
            if not filled(certificate):
                yield box, what
            continue
        what, filled_line = LINE_FIELDS[of_line]
        for place, line in enumerate(certificate.lines, 1):
            if not filled_line(line):
                yield f"lines/{place}/{of_line}", what


def _knows(profile: Profile, criterion: str) -> bool:
    """Tell whether a criterion is one of the kind's: `RVC 40%`, `PSR (CTH)` and `W 96.18` begin with theirs."""
    words = _WORD.findall(criterion.upper())
    return bool(words) and (words[0] in profile.criteria or words[0].rstrip("0123456789") in profile.criteria)
