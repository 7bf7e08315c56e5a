"""From the terms of EN 16931 to the typed invoice: every term that is wrong is told, not the first alone."""

from collections.abc import Mapping
from decimal import Decimal

from hanse_documents.model.documents import (
    Classification,
    DocumentParty,
    HsCandidate,
    Incoterms,
    InvoiceDocument,
    InvoiceLine,
    Totals,
    VatBreakdown,
)
from hanse_documents.model.errors import Examiner, FaultWeight
from hanse_documents.semantics import values
from hanse_documents.semantics.checkdigits import (
    verify_account,
    verify_bic,
    verify_reference,
    verify_scheme,
    verify_vat,
)
from hanse_documents.semantics.codes import verify_country, verify_unit
from hanse_documents.semantics.en16931 import NEEDED, RULES, Branch, Rule
from hanse_documents.semantics.hscandidates import hs_candidates
from hanse_documents.semantics.periods import find_dates

HARMONIZED_SYSTEM = "HS"
"""The list of BT-158 that is the Harmonized System (UNTDID 7143)."""

MOST_PLACES = 4
"""With so many places amounts are read where the currency is no known one: no amount is called too fine for it."""

_SCHEMES = {term: f"{term}-1" for term in ("BT-30", "BT-34", "BT-46", "BT-47", "BT-49", "BT-60", "BT-61", "BT-71")}


def invoice_of(root: Branch, examiner: Examiner, rules: Mapping[str, Rule] = RULES) -> InvoiceDocument:
    """Check an invoice's terms and read them as a typed document, which is whole if the examiner found no fault.

    Faults are a term that no invoice can be made without, or a text that is no number, date or code of its kind.
    Findings are the other `rules` that are broken, and these are fatal; check digits that are wrong, codes that their
    tables do not have, and accounts without a number.
    """
    for rule, verify in rules.items():
        (examiner.demand if rule in NEEDED else examiner.judge)(rule, verify, root)
    currency = root.get("BT-5") or ""
    exponent = examiner.attempt(MOST_PLACES, values.exponent_of, currency, "BT-5") if currency else MOST_PLACES
    reader = _Reader(examiner, exponent)
    _find_numbers(root, examiner)
    find_dates(root, examiner)
    return InvoiceDocument(
        accounts=_accounts(root, examiner),
        buyer=reader.party(
            root, name="BT-44", legal="BT-47", vat="BT-48", country="BT-55", others=(root.get("BT-46"),)
        ),
        currency=currency,
        delivery_country=reader.country(root, "BT-80"),
        due=reader.day(root, "BT-9"),
        exponent=exponent,
        incoterms=_incoterms(root),
        issued=reader.day(root, "BT-2") or "",
        lines=tuple(map(reader.line, root.group("BG-25"))),
        number=root.get("BT-1") or "",
        payable_minor=reader.minor(root, "BT-115"),
        payee_name=root.get("BT-59"),
        payment_reference=root.get("BT-83"),
        seller=reader.party(
            root,
            name="BT-27",
            legal="BT-30",
            vat="BT-31",
            country="BT-40",
            others=tuple(identifier.get("BT-29") for identifier in root.group("BT-29")),
        ),
        texts=tuple(sorted(root.flat())),
        totals=reader.totals(root),
        type_code=root.get("BT-3") or "",
        vat=tuple(map(reader.vat, root.group("BG-23"))),
    )


class _Reader:
    """Reads the terms of branches; what cannot be read is noted."""

    def __init__(self, examiner: Examiner, exponent: int) -> None:
        self._examiner, self._exponent = examiner, exponent

    def minor(self, branch: Branch, term: str) -> int:
        """Read an amount in minor units; those that EN 16931 lets an invoice leave out are 0."""
        text = branch.get(term)
        if text is None:
            return 0
        return self._examiner.attempt(0, values.minor_of, text, self._exponent, branch.name(term))

    def day(self, branch: Branch, term: str) -> str | None:
        """Read a calendar date."""
        text = branch.get(term)
        return text and self._examiner.attempt(text, values.day_of, text, branch.name(term))

    def country(self, branch: Branch, term: str) -> str | None:
        """Read a country; one that ISO 3166-1 does not have is told, and read all the same."""
        text = branch.get(term)
        return text and _coded(self._examiner, text, branch.name(term))

    def decimal(self, branch: Branch, term: str) -> str | None:
        """Read a decimal number, which stays a text."""
        text = branch.get(term)
        if text is not None:
            self._examiner.attempt(Decimal(0), values.decimal_of, text, branch.name(term))
        return text

    def party(
        self, root: Branch, *, name: str, legal: str, vat: str, country: str, others: tuple[str | None, ...]
    ) -> DocumentParty:
        """Read the seller or the buyer."""
        return DocumentParty(
            country=self.country(root, country),
            identifiers=tuple(identifier for identifier in others if identifier),
            legal_id=root.get(legal),
            name=root.get(name),
            vat_id=root.get(vat),
        )

    def line(self, line: Branch) -> InvoiceLine:
        """Read one line."""
        quantity, unit = line.get("BT-129") or "0", line.get("BT-130") or ""
        field = line.name("BT-130")
        if unit and self._examiner.attempt("", values.unit_of, unit, field):
            self._examiner.check(verify_unit, unit, field)
        classifications = self._classifications(line)
        hs_code = _hs_code(classifications)
        return InvoiceLine(
            base_quantity=self.decimal(line, "BT-149"),
            base_unit=line.get("BT-150"),
            classifications=classifications,
            hs_candidates=() if hs_code else self._candidates(line),
            hs_code=hs_code,
            identifier=line.get("BT-126") or "",
            name=line.get("BT-153") or "",
            net_minor=self.minor(line, "BT-131"),
            origin=self.country(line, "BT-159"),
            price=self.decimal(line, "BT-146") or "",
            quantity_micro=self._examiner.attempt(0, values.micro_of, quantity, line.name("BT-129")),
            unit=unit,
        )

    def vat(self, vat: Branch) -> VatBreakdown:
        """Read one category of VAT."""
        return VatBreakdown(
            category=vat.get("BT-118") or "",
            exemption_reason=vat.get("BT-120"),
            rate=self.decimal(vat, "BT-119"),
            tax_minor=self.minor(vat, "BT-117"),
            taxable_minor=self.minor(vat, "BT-116"),
        )

    def totals(self, root: Branch) -> Totals:
        """Read the totals."""
        return Totals(
            allowances_minor=self.minor(root, "BT-107"),
            charges_minor=self.minor(root, "BT-108"),
            lines_minor=self.minor(root, "BT-106"),
            prepaid_minor=self.minor(root, "BT-113"),
            rounding_minor=self.minor(root, "BT-114"),
            vat_minor=self.minor(root, "BT-110"),
            with_vat_minor=self.minor(root, "BT-112"),
            without_vat_minor=self.minor(root, "BT-109"),
        )

    def _candidates(self, line: Branch) -> tuple[HsCandidate, ...]:
        """List what may be the HS code, and tell it: it is not taken for one."""
        found = hs_candidates(line)
        for each in found:
            wanted = "BT-158 with the list HS, if this is the goods' HS code: it is not taken for one here"
            self._examiner.find(line.name(each.term), seen=each.code, wanted=wanted, weight=FaultWeight.NOTE)
        return found

    def _classifications(self, line: Branch) -> tuple[Classification, ...]:
        """Read a line's classes; a class without a code is a fault, an HS code that is none a finding."""
        found = []
        for item in line.group("BT-158"):
            code, list_id, field = item.get("BT-158"), item.get("BT-158-1"), item.name("BT-158")
            if code is None:
                if item.texts:
                    self._examiner.refuse(field, seen="nothing", wanted="this term, which BT-158-1 asks for")
                continue
            if list_id == HARMONIZED_SYSTEM:
                self._examiner.check(_verify_hs, code, field)
            found.append(Classification(code=code, list_id=list_id))
        return tuple(found)


def _verify_hs(code: str, field: str) -> None:
    values.hs_code_of(code, field)


def _coded(examiner: Examiner, code: str, field: str) -> str:
    if examiner.attempt("", values.country_of, code, field):
        examiner.check(verify_country, code, field)
    return code


def _hs_code(classifications: tuple[Classification, ...]) -> str | None:
    """Read the line's one code of the Harmonized System, the longest that it gives.

    BT-158 is optional, and no rule of EN 16931 bounds it: one that is no such code, or two that contradict each other,
    leave the line without one.
    """
    digits = [values.hs_digits(item.code) for item in classifications if item.list_id == HARMONIZED_SYSTEM]
    codes = sorted((code for code in digits if code), key=len)
    return codes[-1] if codes and all(codes[-1].startswith(code) for code in codes) else None


def _accounts(root: Branch, examiner: Examiner) -> tuple[str, ...]:
    """List the accounts; one with a name or a bank and without a number is none, which BR-50 asks for."""
    accounts = []
    for account in root.group("BG-17"):
        number, bank = account.get("BT-84"), account.get("BT-86")
        if bank is not None and bank[:8].isalpha():  # elsewhere it is a clearing code
            examiner.check(verify_bic, bank, account.name("BT-86"))
        if number is not None:
            compact = values.account_of(number)
            examiner.check(verify_account, compact, account.name("BT-84"))
            accounts.append(compact)
        elif account.texts:
            examiner.find(account.name("BT-84"), seen="nothing", wanted="this term, which BR-50 asks for")
    return tuple(accounts)


def _find_numbers(root: Branch, examiner: Examiner) -> None:
    """Find wrong check digits of identifiers, tax numbers and the payment reference."""
    for term, scheme in _SCHEMES.items():
        number = root.get(term)
        if number is not None:
            examiner.check(verify_scheme, number, root.get(scheme), term)
    for identifier in root.group("BT-29"):
        if (number := identifier.get("BT-29")) is not None:
            examiner.check(verify_scheme, number, identifier.get("BT-29-1"), identifier.name("BT-29"))
    for line in root.group("BG-25"):
        if (number := line.get("BT-157")) is not None:
            examiner.check(verify_scheme, number, line.get("BT-157-1"), line.name("BT-157"))
    for term in ("BT-31", "BT-48", "BT-63"):
        if (number := root.get(term)) is not None:
            examiner.check(verify_vat, number, term)
    if (reference := root.get("BT-83")) is not None:
        examiner.check(verify_reference, reference, "BT-83")


def _incoterms(root: Branch) -> Incoterms | None:
    code = root.get("UBL/DeliveryTerms/ID")
    return Incoterms(code=code, place=root.get("UBL/DeliveryTerms/Location")) if code else None
