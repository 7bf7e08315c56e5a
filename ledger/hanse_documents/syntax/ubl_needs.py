"""What the structure of UBL 2.1 asks for: given where it says nothing new, refused by the names of terms elsewhere.

Source: UBL 2.1, maindoc/UBL-Invoice-2.1.xsd, UBL-CreditNote-2.1.xsd and what they include; CEN/TS 16931-3-2.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from hanse_documents.model.errors import DocumentError, Examiner
from hanse_documents.semantics.en16931 import CREDIT_CODES, Branch
from hanse_documents.semantics.values import day_of, decimal_of
from hanse_documents.syntax.ubl_terms import Term, TermGroup

LINE, GROSS, DISCOUNT = "BG-25", "BT-148", "BT-147"
VAT, VAT_SUM = "BT-117", "BT-110"
DUE, REMITTANCE, MEANS, NOT_DEFINED = "BT-9", "BT-83", "BT-81", "1"
_INSTRUCTIONS = ("BT-82", "BT-87", "BT-88", "BT-89", "BT-91", "BG-17")

CURRENCY, TAX_CURRENCY, ACCOUNTED = "BT-5", "BT-6", "BT-111"
"""That of the amounts, that of accounting, and the VAT in the latter: a total of its own, told apart by it."""

TAX_POINT = "BT-8"
TAX_POINTS = {"5": "3", "29": "35", "72": "432"}
"""From the codes of a cross industry invoice (UNTDID 2475) to those of UBL (UNTDID 2005): CEN/TS 16931-3-2 and -3-3."""

_DECIMALS = ("Amount", "Quantity", "Percent", "Numeric")
_ZONE = re.compile(r".{10}(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?", re.ASCII)


class Need(NamedTuple):
    """A term without which an element is no UBL: in each branch of its group, or where it has one of those `beside`.

    `rule` asks for it too; where none does, UBL alone needs it.
    """

    term: str
    rule: str = ""
    beside: tuple[str, ...] = ()


_OF_DOCUMENT = (
    Need("BT-1", "BR-02"),
    Need("BT-2", "BR-03"),
    Need("BT-13", beside=("BT-14",)),  # UBL names no order of the seller's alone
    Need(MEANS, "BR-49", beside=_INSTRUCTIONS),
    Need("BT-87", beside=("BT-88",)),
    Need("BT-115", "BR-15"),
)
_OF_GROUPS: Mapping[str, tuple[Need, ...]] = {
    "BG-3": (Need("BT-25", "BR-55"),),
    "BG-20": (Need("BT-92", "BR-31"),),
    "BG-21": (Need("BT-99", "BR-36"),),
    "BG-23": (Need("BT-117", "BR-46"), Need("BT-118", "BR-47")),
    "BG-24": (Need("BT-122", "BR-52"), Need("BT-125-1", beside=("BT-125", "BT-125-2"))),
    LINE: (
        Need("BT-126", "BR-21"),
        Need("BT-129", "BR-22", beside=("BT-130",)),
        Need("BT-131", "BR-24"),
        Need("BT-146", "BR-26", beside=("BT-147", "BT-148", "BT-149", "BT-150")),
        Need("BT-149", beside=("BT-150",)),
        Need("BT-153", "BR-25"),
    ),
    "BG-27": (Need("BT-136", "BR-41"),),
    "BG-28": (Need("BT-141", "BR-43"),),
    "BG-32": (Need("BT-160", "BR-54"),),
}


class NotInUbl(DocumentError):
    """Terms that an invoice may well have, and that have no place in UBL as it has them."""


def completed(terms: Mapping[str, str]) -> dict[str, str]:
    """Add what UBL's structure asks for where EN 16931 does not, and what says nothing new.

    A gross price has a discount beside it, of nothing; what VAT comes to is the sum of its categories; a day on which a
    credit note is due, and what a payer is to name, stand with a means of payment, which is not defined. The codes of
    the day of the tax are others.
    """
    needed = {}
    for name in terms:
        line, _, term = name.rpartition("/")
        if term == GROSS and line.startswith(f"{LINE}/") and f"{line}/{DISCOUNT}" not in terms:
            needed[f"{line}/{DISCOUNT}"] = "0"
    categories = [text for name, text in terms.items() if name.rpartition("/")[2] == VAT]
    if categories and VAT_SUM not in terms:
        # Where one of them is no number, that is refused.
        with suppress(InvalidOperation):
            needed[VAT_SUM] = f"{sum(map(Decimal, categories)):f}"
    instructed = any(name.partition("/")[0] in _INSTRUCTIONS for name in terms)
    beside = REMITTANCE in terms or (terms.get("BT-3") in CREDIT_CODES and DUE in terms)
    if beside and MEANS not in terms and not instructed:
        needed[MEANS] = NOT_DEFINED
    if terms.get(TAX_POINT) in TAX_POINTS:
        needed[TAX_POINT] = TAX_POINTS[terms[TAX_POINT]]
    return {**terms, **needed}


def verify_writable(invoice: Branch, header: tuple[Term, ...], groups: tuple[TermGroup, ...]) -> None:
    """Ask for all that UBL's structure needs, and for numbers and days where it has them.

    Args:
        invoice: its terms, completed.
        header: where those of the document stand.
        groups: where the groups do.

    Raises:
        DocumentError: with every term that is missing, or that is no number or day.
        NotInUbl: nothing is missing but what UBL alone asks for.
    """
    examiner = Examiner()
    ubl_alone = True
    for needs, branch in _branches(invoice):
        for need in needs:
            if branch.get(need.term) is None and _is_needed(need, branch):
                ubl_alone = ubl_alone and not need.rule
                examiner.refuse(branch.name(need.term), seen="nothing", wanted=_wanted(need, branch))
    missing = len(examiner.faults)
    if not invoice.group(LINE):
        examiner.refuse(LINE, seen="nothing", wanted="at least one line, as BR-16 asks for")
    if invoice.get(ACCOUNTED) is not None and invoice.get(TAX_CURRENCY) in (None, invoice.get(CURRENCY)):
        seen = invoice.get(TAX_CURRENCY) or "nothing"
        examiner.refuse(TAX_CURRENCY, seen=seen, wanted=f"another currency than {CURRENCY}, for {ACCOUNTED}")
    _verify_values(invoice, header, groups, examiner)
    if examiner.faults:
        raise (NotInUbl if ubl_alone and len(examiner.faults) == missing else DocumentError).of(examiner.faults)


def _branches(invoice: Branch) -> Iterator[tuple[tuple[Need, ...], Branch]]:
    yield _OF_DOCUMENT, invoice
    left = [invoice]
    while left:
        for name, branches in left.pop().groups.items():
            for branch in branches:
                yield _OF_GROUPS.get(name, ()), branch
                left.append(branch)


def _is_needed(need: Need, branch: Branch) -> bool:
    return not need.beside or any(branch.get(name) is not None or branch.group(name) for name in need.beside)


def _wanted(need: Need, branch: Branch) -> str:
    there = [name for name in need.beside if branch.get(name) is not None or branch.group(name)]
    asks = need.rule or "UBL"
    return f"this term, which {asks} asks for" + (f" beside {there[0]}" if there else "")


def _verify_values(branch: Branch, terms: tuple[Term, ...], groups: tuple[TermGroup, ...], examiner: Examiner) -> None:
    for term in terms:
        text = branch.get(term.name)
        if text is None or term.path.rpartition("/")[2].startswith("@"):
            continue
        element = term.path.partition("[@")[0]
        if element.endswith(_DECIMALS):
            examiner.attempt(Decimal(0), decimal_of, text, branch.name(term.name))
        elif element.endswith("Date"):
            examiner.attempt("", _day_of, text, branch.name(term.name))
    for group in groups:
        for each in branch.group(group.name):
            _verify_values(each, group.terms, group.groups, examiner)


def _day_of(text: str, field: str) -> str:
    """Read a day as XML Schema has it, where a time zone is at most 14 hours away. Raises DocumentError."""
    day = day_of(text, field)
    if not _ZONE.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a calendar date, YYYY-MM-DD")
    return day
