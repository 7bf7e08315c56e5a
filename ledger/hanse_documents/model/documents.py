"""Trade documents as typed values: what readers at the edge fill, and what checks and commitments use.

Amounts are integers in minor units of their currency, quantities integers in millionths of their unit,
dates the calendar dates that the documents state. No code table stands here: a reader that knows the tables
has filled `exponent`, the decimal places of the currency's minor unit. What a document does not say is None.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from hanse_ledger.values.types import Country, Currency, Day, HsCode, Moment, UnitCode

Amount = Annotated[int, Meta(ge=-(10**15), le=10**15)]
"""An amount of money in minor units; below zero where the document credits."""

SignedQuantity = Annotated[int, Meta(ge=-(10**18), le=10**18)]
"""A quantity in millionths of its unit; below zero where the document takes goods back."""

Exponent = Annotated[int, Meta(ge=0, le=4)]
"""Decimal places of a currency's minor unit (ISO 4217)."""

Stated = str
"""A date `YYYY-MM-DD`, or one with a time and its zone (XML Schema `dateTime`), as the document writes it."""


class MessageKind(StrEnum):
    """Which ISO 20022 message told of a payment."""

    CANCELLATION = "camt.056"
    CREDIT_TRANSFER = "pacs.008"
    INITIATION = "pain.001"
    NOTIFICATION = "camt.054"
    RESOLUTION = "camt.029"
    RETURN = "pacs.004"
    STATEMENT = "camt.053"
    STATUS = "pacs.002"


class Direction(StrEnum):
    """Whether an account was credited or debited (ISO 20022 CreditDebitCode)."""

    CREDIT = "CRDT"
    DEBIT = "DBIT"


class _Part(Struct, frozen=True, kw_only=True):
    """Settings that all documents and their parts share."""


class DocumentParty(_Part, frozen=True, kw_only=True):
    """A party as a document names it: its country as it stands, whether it is one or not, which readers tell.

    `identifiers` are all that are not told apart (BT-29, BT-46), `legal_id` the register number (BT-30, BT-47),
    `vat_id` the VAT number (BT-31, BT-48).
    """

    country: str | None = None
    identifiers: tuple[str, ...] = ()
    legal_id: str | None = None
    name: str | None = None
    vat_id: str | None = None

    def all_identifiers(self) -> tuple[str, ...]:
        """List every identifier, register number first."""
        named = (self.legal_id, self.vat_id, *self.identifiers)
        return tuple(identifier for identifier in named if identifier)


class Classification(_Part, frozen=True, kw_only=True):
    """BT-158: an item's class `code` in the list `list_id` (UNTDID 7143, such as HS)."""

    code: str
    list_id: str | None = None


class HsCandidate(_Part, frozen=True, kw_only=True):
    """What may be an item's HS code: it stands in another `term`, and nobody has said that it is one."""

    code: HsCode
    term: str


class InvoiceLine(_Part, frozen=True, kw_only=True):
    """One line, BG-25. `price` (BT-146) stays decimal text: it may be finer than the minor unit."""

    base_quantity: str | None = None  # BT-149: the price is that of so many, decimal text; None is one
    base_unit: str | None = None  # BT-150
    classifications: tuple[Classification, ...] = ()  # BT-158
    hs_candidates: tuple[HsCandidate, ...] = ()  # where BT-158 has none
    hs_code: HsCode | None = None  # BT-158 in the list HS, digits only
    identifier: str  # BT-126
    name: str  # BT-153
    net_minor: Amount  # BT-131
    origin: Country | None = None  # BT-159
    price: str  # BT-146
    quantity_micro: SignedQuantity  # BT-129
    unit: str  # BT-130


class VatBreakdown(_Part, frozen=True, kw_only=True):
    """One VAT category of the invoice, BG-23. `rate` (BT-119) is a decimal text, per cent."""

    category: str  # BT-118
    exemption_reason: str | None = None  # BT-120
    rate: str | None = None  # BT-119
    tax_minor: Amount  # BT-117
    taxable_minor: Amount  # BT-116


class Totals(_Part, frozen=True, kw_only=True):
    """Document totals, BG-22; amounts that the invoice leaves out are 0."""

    allowances_minor: Amount = 0  # BT-107
    charges_minor: Amount = 0  # BT-108
    lines_minor: Amount  # BT-106
    prepaid_minor: Amount = 0  # BT-113
    rounding_minor: Amount = 0  # BT-114
    vat_minor: Amount = 0  # BT-110
    with_vat_minor: Amount  # BT-112
    without_vat_minor: Amount  # BT-109


class _InCurrency(_Part, frozen=True, kw_only=True):
    """What states amounts in the minor units of a currency."""

    if TYPE_CHECKING:
        # Where it stands among the fields is for each class to say.
        exponent: Exponent

    @property
    def minor_digits(self) -> int:
        """How many digits stand behind the point, by the name that records give it."""
        return self.exponent


class Incoterms(_Part, frozen=True, kw_only=True):
    """Terms of delivery: a `code` such as FCA and the named `place`. EN 16931 has no term for them; UBL has."""

    code: str
    place: str | None = None


class InvoiceDocument(_InCurrency, frozen=True, kw_only=True):
    """An invoice in the terms of EN 16931.

    `texts` holds every term of the file as (name, text), sorted by name; the typed fields are read from it,
    so that the two views cannot disagree.
    """

    accounts: tuple[str, ...] = ()  # BT-84, IBANs without spaces
    buyer: DocumentParty  # BG-7
    currency: Currency  # BT-5
    delivery_country: Country | None = None  # BT-80
    due: Day | None = None  # BT-9
    exponent: Exponent
    incoterms: Incoterms | None = None
    issued: Day  # BT-2
    lines: tuple[InvoiceLine, ...]  # BG-25
    number: str  # BT-1
    payable_minor: Amount  # BT-115
    payee_name: str | None = None  # BT-59, where somebody else than the seller is to be paid
    payment_reference: str | None = None  # BT-83
    seller: DocumentParty  # BG-4
    texts: tuple[tuple[str, str], ...]
    totals: Totals  # BG-22
    type_code: str  # BT-3
    vat: tuple[VatBreakdown, ...] = ()  # BG-23


class CertificateGoods(_Part, frozen=True, kw_only=True):
    """Goods on a certificate of origin: one trade line item of the UN/CEFACT model."""

    criterion: str | None = None  # why they originate there, such as WO, WP, PSR
    description: str | None = None
    hs_code: HsCode | None = None
    invoice: str | None = None  # the number of the invoice that covers them
    origin: Country | None = None
    quantity_micro: SignedQuantity | None = None
    unit: UnitCode | None = None


class CertificateDocument(_Part, frozen=True, kw_only=True):
    """A certificate of origin in the data elements of the UN/CEFACT model."""

    agreement: str | None = None  # the free trade agreement of a preferential certificate
    consignee: DocumentParty | None = None
    export_country: Country | None = None
    exporter: DocumentParty
    import_country: Country | None = None
    issued: Day | None = None
    issued_at: Moment | None = None  # the moment, where the document gives a time with a zone
    issuer: DocumentParty
    lines: tuple[CertificateGoods, ...]
    number: str
    preferential: bool
    status: str | None = None
    valid_from: Stated | None = None  # from when it holds
    valid_until: Stated | None = None


class Money(_InCurrency, frozen=True, kw_only=True):
    """An amount in the minor units of a currency."""

    amount_minor: Amount
    currency: Currency
    exponent: Exponent


class Charge(_InCurrency, frozen=True, kw_only=True):
    """What a bank took for a payment. Below zero: what it gave back."""

    agent: str | None = None  # Agt, else Pty: the BIC of who took it, else the name
    amount_minor: Amount  # Amt
    bearer: str | None = None  # Br, ChrgBr: DEBT, CRED, SHAR or SLEV
    currency: Currency
    exponent: Exponent
    included: bool | None = None  # ChrgInclInd: whether the booked amount is what is left after it


class PaymentDocument(_InCurrency, frozen=True, kw_only=True):
    """One payment as a message instructs it, reports it or sends it back. Element names of ISO 20022 in the comments.

    An agent is named by its BIC, else by its clearing system and its number there: `USABA:021040078`.
    """

    amount_minor: Amount  # IntrBkSttlmAmt, InstdAmt; what was booked, TxDtls/Amt, Ntry/Amt; what went back
    bank_reference: str | None = None  # AcctSvcrRef: how the account's bank calls it
    booked: Day | None = None  # BookgDt
    booked_at: Moment | None = None  # BookgDt/DtTm, where it has a zone
    charges: tuple[Charge, ...] = ()  # Chrgs, ChrgsInf
    contradiction: str | None = None  # why nobody knows what was booked: the entry and its transactions say two things
    creditor_account: str | None = None  # CdtrAcct/Id/Othr/Id: an account that has no IBAN
    creditor_agent: str | None = None  # CdtrAgt
    creditor_iban: str | None = None  # CdtrAcct/Id/IBAN, without spaces, in capitals
    creditor_name: str | None = None  # Cdtr/Nm
    creditor_reference: str | None = None  # RmtInf/Strd/CdtrRefInf/Ref, the first
    currency: Currency
    debtor_account: str | None = None  # DbtrAcct/Id/Othr/Id
    debtor_agent: str | None = None  # DbtrAgt
    debtor_iban: str | None = None  # DbtrAcct/Id/IBAN, likewise
    debtor_name: str | None = None  # Dbtr/Nm
    direction: Direction  # CdtDbtInd; a transfer credits its creditor, a return debits it
    documents: tuple[str, ...] = ()  # RmtInf/Strd/RfrdDocInf/Nb
    end_to_end: str | None = None  # EndToEndId
    exponent: Exponent
    further_references: tuple[str, ...] = ()  # RmtInf/Strd/CdtrRefInf/Ref, the others: one payment may settle several
    instructed: Money | None = None  # InstdAmt, else the transaction's own amount where another one was booked
    instruction_id: str | None = None  # InstrId
    kind: MessageKind
    message: str  # GrpHdr/MsgId
    reason: str | None = None  # RtrRsnInf/Rsn, RtrInf/Rsn: why it came back
    returned: bool = False  # a pacs.004, RtrInf, or a code such as RRTN: a payment that came back, and none of its own
    reversal: bool = False  # RvslInd: the entry takes an earlier one back
    status: str | None = None  # Sts of the entry: BOOK, PDNG, INFO
    transaction_id: str | None = None  # TxId
    uetr: str | None = None  # as it stands, in small letters, whether it is one or not
    unstructured: tuple[str, ...] = ()  # RmtInf/Ustrd, RmtInf/Strd/AddtlRmtInf
    valued: Day | None = None  # IntrBkSttlmDt, ValDt; of a pain.001 ReqdExctnDt
    valued_at: Moment | None = None  # ValDt/DtTm, where it has a zone

    def references(self) -> tuple[str, ...]:
        """List every creditor reference, in the order of the message."""
        return (self.creditor_reference, *self.further_references) if self.creditor_reference else ()

    def charged_minor(self) -> int:
        """Add up what was taken from this payment in its own currency: charges that were booked apart do not count."""
        return sum(
            charge.amount_minor
            for charge in self.charges
            if charge.included is not False and charge.currency == self.currency
        )


class PaymentReport(_Part, frozen=True, kw_only=True):
    """What a message says of a payment of another one: how it fares, that it is to be cancelled, what came of that.

    A pacs.002, camt.056 or camt.029. Without ids of one transaction it is about all of the original message.
    """

    amount: Money | None = None  # OrgnlTxRef/IntrBkSttlmAmt, OrgnlIntrBkSttlmAmt
    case: str | None = None  # Case/Id, RslvdCase/Id
    end_to_end: str | None = None  # OrgnlEndToEndId
    information: tuple[str, ...] = ()  # AddtlInf
    instruction_id: str | None = None  # OrgnlInstrId
    kind: MessageKind
    message: str  # GrpHdr/MsgId, Assgnmt/Id
    original_kind: str | None = None  # OrgnlMsgNmId, such as pacs.008.001.08
    original_message: str | None = None  # OrgnlMsgId
    reasons: tuple[str, ...] = ()  # Rsn: codes, or a bank's own words
    stated: Stated | None = None  # AccptncDtTm; of a request and its answer when it was made
    status: str | None = None  # TxSts, GrpSts, TxCxlSts, Sts/Conf: ACSC, RJCT, CNCL, RJCR, …
    transaction_id: str | None = None  # OrgnlTxId
    uetr: str | None = None  # OrgnlUETR, likewise
    valued: Day | None = None  # OrgnlIntrBkSttlmDt


Document = InvoiceDocument | CertificateDocument | PaymentDocument | PaymentReport


def terms(document: Struct) -> dict[str, str]:
    """Name every term of a document and give its text, sorted by name: what a salted commitment is made of.

    An invoice's terms carry their EN 16931 numbers, repeated groups counted from 1: `BT-1`, `BG-25/1/BT-153`.
    The other documents' terms are named like their fields: `exporter/name`, `lines/1/hs_code`, `amount_minor`.
    """
    if isinstance(document, InvoiceDocument):
        return dict(sorted(document.texts))
    return fields_of(document)


def fields_of(document: Struct) -> dict[str, str]:
    """Name every typed field of a document and give it as a text, sorted by name."""
    return dict(sorted(_named("", document)))


def _named(name: str, value: object) -> list[tuple[str, str]]:
    """Flatten a value into (name, text); the depth is that of the classes above."""
    prefix = f"{name}/" if name else ""
    match value:
        case None:
            return []
        case bool():
            return [(name, "true" if value else "false")]
        case str():
            return [(name, str(value))]
        case int():
            return [(name, str(value))]
        case tuple():
            return [term for place, item in enumerate(value, 1) for term in _named(f"{prefix}{place}", item)]
        case Struct():
            return [term for field in value.__struct_fields__ for term in _named(prefix + field, getattr(value, field))]
        case other:
            raise AssertionError(f"a document holds no {type(other).__name__}")
