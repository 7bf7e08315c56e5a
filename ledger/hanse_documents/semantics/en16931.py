"""The semantic model of an invoice, EN 16931-1: its terms, and the rules that matter here.

No syntax stands here: a reader of UBL, or of another syntax, fills a `Branch` with texts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hanse_documents.model.errors import DocumentError, Fault, fault
from hanse_documents.semantics import values

_CODES = """
    71 80 81 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 389 390 393 394
    395 456 457 471 472 473 500 501 527 553 575 623 633 751 780 817 870 875 876 877 935
"""
INVOICE_CODES = frozenset(_CODES.split())
"""The codes of UNTDID 1001 that an invoice may carry in BT-3 (BR-CL-01, CEN validation artefacts 1.3)."""

CREDIT_CODES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"})
"""Those that a credit note may carry (the same rule and source)."""


@dataclass(frozen=True)
class Branch:
    """The terms of an invoice, or of one of its repeated groups; `prefix` is such as `BG-25/1/`."""

    prefix: str
    texts: Mapping[str, str]
    groups: Mapping[str, tuple["Branch", ...]] = field(default_factory=dict)

    def name(self, term: str) -> str:
        """Name a term of this branch from the document's root on."""
        return self.prefix + term

    def get(self, term: str) -> str | None:
        """Give a term's text, or None."""
        return self.texts.get(term)

    def group(self, name: str) -> tuple["Branch", ...]:
        """Give the branches of a repeated group."""
        return self.groups.get(name, ())

    def flat(self) -> Iterator[tuple[str, str]]:
        """Walk over all terms with their full names."""
        for term, text in self.texts.items():
            yield self.name(term), text
        for branches in self.groups.values():
            for branch in branches:
                yield from branch.flat()

    def amount(self, term: str) -> Decimal:
        """Give a term as an exact decimal, 0 where it is absent."""
        text = self.get(term)
        return Decimal(0) if text is None else values.decimal_of(text, self.name(term))


def branch_of(texts: Mapping[str, str]) -> Branch:
    """Put terms into their groups: `BG-25/1/BT-153` into the first of BG-25.

    Raises:
        DocumentError: a text is empty or has space around it, which no document says; a group is not counted 1, 2, ….
    """
    for name, text in texts.items():
        if not text or text != text.strip():
            raise DocumentError(name, seen=repr(text), wanted="a text, without space around it")
    return _grouped("", dict(texts))


def _grouped(prefix: str, texts: Mapping[str, str]) -> Branch:
    own: dict[str, str] = {}
    inside: dict[str, dict[str, dict[str, str]]] = {}
    for name, text in texts.items():
        group, _, rest = name.partition("/")
        number, _, below = rest.partition("/")
        if below and number.isascii() and number.isdecimal():
            inside.setdefault(group, {}).setdefault(number, {})[below] = text
        else:
            own[name] = text
    groups: dict[str, tuple[Branch, ...]] = {}
    for group, numbered in inside.items():
        for number in set(numbered) - {str(place) for place in range(1, len(numbered) + 1)}:
            raise DocumentError(
                f"{prefix}{group}/{number}", seen=number, wanted=f"{group} counted from 1, none left out"
            )
        groups[group] = tuple(
            _grouped(f"{prefix}{group}/{place}/", numbered[str(place)]) for place in range(1, len(numbered) + 1)
        )
    return Branch(prefix, own, groups)


Rule = Callable[[Branch], None]


def _missing(branch: Branch, term: str, rule: str) -> Fault:
    return fault(branch.name(term), seen="nothing", wanted=f"this term, which {rule} asks for")


def _tell(faults: list[Fault]) -> None:
    if faults:
        raise DocumentError.of(faults)


def _present(rule: str, *terms: str, group: str = "") -> Rule:
    """Make the rule that terms are there, in the document or in each branch of a group."""

    def verify(invoice: Branch) -> None:
        faults: list[Fault] = []
        for branch in invoice.group(group) if group else (invoice,):
            for term in terms:
                if branch.get(term) is None:
                    faults.append(_missing(branch, term, rule))
        _tell(faults)

    return verify


def _some(rule: str, group: str, what: str) -> Rule:
    """Make the rule that a group is there at least once."""

    def verify(invoice: Branch) -> None:
        if not invoice.group(group):
            raise DocumentError(group, seen="nothing", wanted=f"at least one {what}, as {rule} asks for")

    return verify


def _sum(rule: str, total: str, *parts: tuple[int, str, str]) -> Rule:
    """Make the rule that a total is the signed sum of its parts, each (sign, group or "", term), exactly."""

    def verify(invoice: Branch) -> None:
        found = Decimal(0)
        for sign, group, term in parts:
            for branch in invoice.group(group) if group else (invoice,):
                found = values.EXACT.add(found, sign * branch.amount(term))
        if found != invoice.amount(total):
            formula = " ".join(f"{'-' if sign < 0 else '+'} {group and 'sum of '}{term}" for sign, group, term in parts)
            raise DocumentError(
                total,
                seen=invoice.get(total) or "nothing",
                wanted=f"{found}, as {rule} asks for: {total} = {formula.removeprefix('+ ')}",
                action="Have the invoice's totals computed again.",
            )

    return verify


def _type_code(invoice: Branch) -> None:
    code = invoice.get("BT-3")
    if code is None or code in INVOICE_CODES:
        return
    wanted = "an invoice type code of UNTDID 1001, such as 380 (BR-CL-01)"
    if code in CREDIT_CODES:
        wanted += "; a credit note lowers its invoice: hanse invoice credit ID FILE"
    raise DocumentError("BT-3", seen=code, wanted=wanted)


def _credit_code(note: Branch) -> None:
    code = note.get("BT-3")
    if code is not None and code not in CREDIT_CODES:
        wanted = "a credit note's type code of UNTDID 1001, such as 381 (BR-CL-01)"
        raise DocumentError("BT-3", seen=code, wanted=wanted)


def _vat_rate(invoice: Branch) -> None:
    _tell(
        [
            _missing(vat, "BT-119", "BR-48")
            for vat in invoice.group("BG-23")
            if vat.get("BT-118") != "O" and vat.get("BT-119") is None  # what lies outside the scope of VAT has no rate
        ]
    )


RULES: Mapping[str, Rule] = {
    "BR-01": _present("BR-01", "BT-24"),
    "BR-02": _present("BR-02", "BT-1"),
    "BR-03": _present("BR-03", "BT-2"),
    "BR-04": _present("BR-04", "BT-3"),
    "BR-CL-01": _type_code,
    "BR-05": _present("BR-05", "BT-5"),
    "BR-06": _present("BR-06", "BT-27"),
    "BR-07": _present("BR-07", "BT-44"),
    "BR-09": _present("BR-09", "BT-40"),
    "BR-11": _present("BR-11", "BT-55"),
    "BR-12": _present("BR-12", "BT-106"),
    "BR-13": _present("BR-13", "BT-109"),
    "BR-14": _present("BR-14", "BT-112"),
    "BR-15": _present("BR-15", "BT-115"),
    "BR-16": _some("BR-16", "BG-25", "line"),
    "BR-21": _present("BR-21", "BT-126", group="BG-25"),
    "BR-22": _present("BR-22", "BT-129", group="BG-25"),
    "BR-23": _present("BR-23", "BT-130", group="BG-25"),
    "BR-24": _present("BR-24", "BT-131", group="BG-25"),
    "BR-25": _present("BR-25", "BT-153", group="BG-25"),
    "BR-26": _present("BR-26", "BT-146", group="BG-25"),
    "BR-31": _present("BR-31", "BT-92", group="BG-20"),
    "BR-36": _present("BR-36", "BT-99", group="BG-21"),
    "BR-45": _present("BR-45", "BT-116", group="BG-23"),
    "BR-46": _present("BR-46", "BT-117", group="BG-23"),
    "BR-47": _present("BR-47", "BT-118", group="BG-23"),
    "BR-48": _vat_rate,
    "BR-CO-18": _some("BR-CO-18", "BG-23", "VAT breakdown"),
    "BR-CO-10": _sum("BR-CO-10", "BT-106", (1, "BG-25", "BT-131")),
    "BR-CO-11": _sum("BR-CO-11", "BT-107", (1, "BG-20", "BT-92")),
    "BR-CO-12": _sum("BR-CO-12", "BT-108", (1, "BG-21", "BT-99")),
    "BR-CO-13": _sum("BR-CO-13", "BT-109", (1, "BG-25", "BT-131"), (-1, "", "BT-107"), (1, "", "BT-108")),
    "BR-CO-14": _sum("BR-CO-14", "BT-110", (1, "BG-23", "BT-117")),
    "BR-CO-15": _sum("BR-CO-15", "BT-112", (1, "", "BT-109"), (1, "", "BT-110")),
    "BR-CO-16": _sum("BR-CO-16", "BT-115", (1, "", "BT-112"), (-1, "", "BT-113"), (1, "", "BT-114")),
}
"""The business rules of EN 16931-1 that are checked, in this order. Each raises DocumentError, with every breach."""

CREDIT_RULES: Mapping[str, Rule] = {**RULES, "BR-CL-01": _credit_code}
"""The same for credit notes, whose types are others."""

NEEDED = frozenset(
    {"BR-02", "BR-03", "BR-04", "BR-05", "BR-12", "BR-13", "BR-14", "BR-15"}
    | {"BR-21", "BR-22", "BR-23", "BR-24", "BR-25", "BR-26", "BR-45", "BR-46", "BR-47"}
)
"""Rules that ask for what no typed invoice can be made without; a file that breaks another one is read, and invalid."""
