"""Which terms there are: the names that a document of each kind, or an identity, may have. Plain tables.

A commitment has a leaf for every name here, whether the document says something of it or not (see `terms`), and a name
that is not here can be shown of nothing. Names may be added: what was committed to before has no leaf for them, and
shows nothing of them. None is ever renamed.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.messages import quoted, said


class CommittedKind(StrEnum):
    """What a record commits to the terms of."""

    ATTESTATION = "attestation"
    CERTIFICATE = "certificate"
    CREDIT_NOTE = "credit-note"
    IDENTITY = "identity"
    INVOICE = "invoice"
    ORDER = "order"
    PAYMENT = "payment"
    TRANSPORT = "transport"


class Names:
    """The names of one map: single terms, and what repeats."""

    def __init__(
        self, *, single: tuple[str, ...], lists: tuple[str, ...] = (), groups: Mapping[str, "Names"] | None = None
    ) -> None:
        """List the names.

        Args:
            single: terms that stand once.
            lists: terms that repeat as texts, counted from 1: `documents/2`.
            groups: what repeats as a map of its own, counted from 1, and its names: `BG-25/2/BT-131`.
        """
        self.single, self.lists, self.groups = single, lists, groups or {}
        self.known = frozenset(single)
        self.repeated = (*lists, *self.groups)


def _numbers(text: str) -> tuple[str, ...]:
    """Write the names of terms of EN 16931 from their numbers; `5-7` are 5, 6 and 7, `18.1` is BT-18-1."""
    names = []
    for part in text.split():
        first, _, last = part.partition("-")
        if last:
            names += [f"BT-{number}" for number in range(int(first), int(last) + 1)]
        else:
            names.append("BT-" + part.replace(".", "-"))
    return tuple(names)


_LINE = Names(
    single=_numbers("126-135 128.1 146-157 157.1 159"),
    groups={
        "BG-27": Names(single=_numbers("136-140")),  # allowances of the line
        "BG-28": Names(single=_numbers("141-145")),  # charges of the line
        "BG-32": Names(single=_numbers("160-161")),  # attributes of the item
        "BT-158": Names(single=_numbers("158 158.1 158.2")),  # classes of the item
    },
)

INVOICE = Names(
    single=(
        *_numbers("1-3 5-20 18.1 23-24"),  # BG-2
        *_numbers("27-28 30-43 30.1 34.1 162"),  # BG-4 seller, BG-5, BG-6
        *_numbers("44-58 46.1 47.1 49.1 163"),  # BG-7 buyer, BG-8, BG-9
        *_numbers("59-61 60.1 61.1"),  # BG-10 payee
        *_numbers("62-69 164"),  # BG-11 the seller's tax representative, BG-12
        *_numbers("70-80 71.1 165"),  # BG-13 delivery, BG-14, BG-15
        *_numbers("81-83 87-91"),  # BG-16 payment, BG-18, BG-19
        *_numbers("106-115"),  # BG-22 totals
        # EN 16931 has no terms of delivery; UBL has, and trade across borders needs them.
        "UBL/DeliveryTerms/ID",
        "UBL/DeliveryTerms/Location",
    ),
    groups={
        "BG-1": Names(single=_numbers("21-22")),  # notes
        "BG-3": Names(single=_numbers("25-26")),  # invoices before
        "BG-17": Names(single=_numbers("84-86")),  # accounts
        "BG-20": Names(single=_numbers("92-98")),  # allowances
        "BG-21": Names(single=_numbers("99-105")),  # charges
        "BG-23": Names(single=_numbers("116-121")),  # VAT
        "BG-24": Names(single=_numbers("122-125 125.1 125.2")),  # further documents
        "BG-25": _LINE,
        "BT-29": Names(single=_numbers("29 29.1")),  # identifiers of the seller
    },
)
"""The terms of EN 16931-1: its business terms by number, inside the groups that repeat. Credit notes have the same."""

_PARTIES = ("consignee", "exporter", "issuer")

CERTIFICATE = Names(
    single=(
        *("agreement", "export_country", "import_country", "issued", "issued_at", "number", "preferential", "status"),
        *("valid_from", "valid_until"),
        *(f"{party}/{name}" for party in _PARTIES for name in ("country", "legal_id", "name", "vat_id")),
    ),
    lists=tuple(f"{party}/identifiers" for party in _PARTIES),
    groups={
        "lines": Names(single=("criterion", "description", "hs_code", "invoice", "origin", "quantity_micro", "unit"))
    },
)
"""The fields of `documents.CertificateDocument`."""

PAYMENT = Names(
    single=(
        *("amount_minor", "bank_reference", "booked", "booked_at", "contradiction", "creditor_account"),
        *("creditor_agent", "creditor_iban", "creditor_name", "creditor_reference", "currency", "debtor_account"),
        *("debtor_agent", "debtor_iban", "debtor_name", "direction", "end_to_end", "exponent"),
        *("instructed/amount_minor", "instructed/currency", "instructed/exponent", "instruction_id", "kind"),
        *("message", "reason", "returned", "reversal", "status", "transaction_id", "uetr", "valued", "valued_at"),
    ),
    lists=("documents", "further_references", "unstructured"),
    groups={"charges": Names(single=("agent", "amount_minor", "bearer", "currency", "exponent", "included"))},
)
"""The fields of `documents.PaymentDocument`."""

IDENTITY = Names(
    single=(
        *("address", "city", "country", "duns", "eori", "gln", "legal_form", "lei", "name", "postal_code", "region"),
        *("register", "register_name", "tax", "trading_name", "vat"),
    ),
    groups={"identifiers": Names(single=("scheme", "value"))},
)
"""A party's legal identity. `register` is its number there, `register_name` whose register it is."""

ATTESTATION = Names(
    single=(
        *("examined", "examiner", "lei", "register", "register_dated", "register_extract", "register_name"),
        *("unexamined_because", "vat", "vat_consultation", "vat_consulted", "vlei"),
        *("wallet", "wallet_issuer", "wallet_type"),
    ),
    lists=("documents", "terms"),
)
"""Who looked at what of a party, on which day, and for which terms of its identity, by their names.

`lei` and `vat` are the numbers that were looked up, `vat_consultation` and `vat_consulted` the number and the day of
the answer; `register` and `register_name` are as in an identity, `register_dated` and `register_extract` the day of the
extract and the SHA-256 of its file; `vlei` is the SAID of a vLEI credential, `wallet` the SHA-256 of a credential from
a wallet. `unexamined_because` says why nothing was looked at.
"""

ORDER = Names(single=("amount_minor", "currency", "exponent", "issued", "number"))
"""An order as a marketplace attests it: its number there, the day when it was placed, and for how much."""

TRANSPORT = Names(
    single=(
        *("carrier/name", "consignee/name", "consignor/name", "discharge_place", "document_type", "gross_mass_micro"),
        *("issued", "loaded", "loading_place", "mode", "number", "statement", "vessel", "voyage"),
    ),
    lists=("clauses", "containers"),
    groups={"lines": Names(single=("description", "hs_code", "marks", "quantity_micro", "unit"))},
)
"""A transport document: bill of lading, waybill, consignment note. `statement` says in place of what it stands."""

CATALOGUES: Mapping[CommittedKind, Names] = {
    CommittedKind.ATTESTATION: ATTESTATION,
    CommittedKind.CERTIFICATE: CERTIFICATE,
    CommittedKind.CREDIT_NOTE: INVOICE,
    CommittedKind.IDENTITY: IDENTITY,
    CommittedKind.INVOICE: INVOICE,
    CommittedKind.ORDER: ORDER,
    CommittedKind.PAYMENT: PAYMENT,
    CommittedKind.TRANSPORT: TRANSPORT,
}

_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Place(Struct, frozen=True, kw_only=True):
    """Where a name stands: the names of the leaves that lead to it, itself the last.

    `group` says that it names one of a group (`BG-25/2`): a map, or what is not there, and never a text.
    """

    leaves: tuple[str, ...]
    group: bool


@lru_cache(limits.TERM_KEPT)
def place_of(kind: CommittedKind, name: str) -> Place:
    """Find the place of a name; each has one.

    Raises:
        Malformed: the kind's catalogue does not have the name.
    """
    names, before, rest = CATALOGUES[kind], "", name
    leaves: list[str] = []
    while True:
        if rest in names.known:
            return Place(leaves=(*leaves, before + rest), group=False)
        repeated = next((repeated for repeated in names.repeated if rest.startswith(f"{repeated}/")), None)
        if repeated is None:
            raise _unknown(kind, name)
        number, below, rest = rest[len(repeated) + 1 :].partition("/")
        if not _NUMBER.fullmatch(number):
            raise _unknown(kind, name)
        if int(number) > limits.TERM_ITEMS:
            raise Malformed(
                said(
                    "terms.counted",
                    "terms: {before}{group} is counted to {number}; at most {most} are allowed",
                    before,
                    repeated,
                    number,
                    limits.TERM_ITEMS,
                )
            )
        before = f"{before}{repeated}/{number}"
        leaves.append(before)
        if not below:
            return Place(leaves=tuple(leaves), group=repeated in names.groups)
        if repeated not in names.groups:
            raise _unknown(kind, name)
        names, before = names.groups[repeated], before + "/"


def _unknown(kind: CommittedKind, name: str) -> Malformed:
    return Malformed(
        said(
            "terms.unknown",
            "terms: {name} is no term of {document}; docs/formats/terms.md lists them",
            quoted(name[:64]),
            _ARTICLES[kind],
        )
    )


_ARTICLES = {
    CommittedKind.ATTESTATION: said("terms.attestation", "an attestation"),
    CommittedKind.CERTIFICATE: said("terms.certificate", "a certificate"),
    CommittedKind.CREDIT_NOTE: said("terms.credit-note", "a credit note"),
    CommittedKind.IDENTITY: said("terms.identity", "an identity"),
    CommittedKind.INVOICE: said("terms.invoice", "an invoice"),
    CommittedKind.ORDER: said("terms.order", "an order"),
    CommittedKind.PAYMENT: said("terms.payment", "a payment message"),
    CommittedKind.TRANSPORT: said("terms.transport", "a transport document"),
}
