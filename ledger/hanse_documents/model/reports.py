"""What checking a file says: its kind, its verdict, all that was found, and the document where one was read."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import (
    CertificateDocument,
    InvoiceDocument,
    PaymentDocument,
    PaymentReport,
    terms,
)
from hanse_documents.model.errors import DocumentError, Fault, FaultWeight

Papers = InvoiceDocument | CertificateDocument | TransportDocument | DeclarationDocument
Document = Papers | tuple[PaymentDocument, ...] | tuple[PaymentReport, ...]
"""What a reader makes of a file: one document, or the payments that a message tells of, or what it says of others."""


Typed = TypeVar("Typed")

NOT_RUN = "rules"
"""How a finding is called that says which published rules did not run."""

COMPUTE = "Have the invoice's totals computed again."
_SUMS = "BR-CO-1"


def payments_in(document: Document) -> tuple[PaymentDocument, ...]:
    """List the payments of what was read: none of an invoice, and none of a message that says how one fares."""
    return tuple(each for each in document if isinstance(each, PaymentDocument)) if isinstance(document, tuple) else ()


class DocumentVerdict(StrEnum):
    """What a check of a file came to.

    `invalid` is a fault of the file. `cannot check` is none: what checks it was missing, or came to no end. Of an
    `unsupported` file nothing is said but that this release does not read it.
    """

    VALID = "valid"
    INVALID = "invalid"
    CANNOT_CHECK = "cannot check"
    UNSUPPORTED = "unsupported"


class RuleSet(Struct, frozen=True, kw_only=True):
    """Which rules have run to their end: their name with its version, and the SHA-256 of their file."""

    id: str
    sha256: str

    def as_fields(self) -> dict[str, str]:
        """Write it for programs."""
        return {"id": self.id, "sha256": self.sha256}


class DocumentReport(Struct, frozen=True, kw_only=True):
    """All that is known of one file.

    `kind` is what it is, empty where nobody knows; `inside` the attachment that was read, where it is a PDF.
    `structure_valid` is None where its structure was not checked, `rule_set` where no rules have run. `document` is
    there as soon as a typed one could be made, whatever is wrong with it; `findings` tell everything.
    """

    file: str
    kind: str
    verdict: DocumentVerdict
    findings: tuple[Fault, ...] = ()
    structure_valid: bool | None = None
    rule_set: RuleSet | None = None
    further_rule_sets: tuple[RuleSet, ...] = ()
    inside: str = ""
    document: Document | None = None

    def fatal(self) -> tuple[Fault, ...]:
        """List what makes it invalid."""
        return fatal_of(self.findings)

    def as_fields(self) -> dict[str, object]:
        """Write the report for programs."""
        return {
            "file": self.file,
            "kind": self.kind,
            "inside": self.inside,
            "verdict": self.verdict.value,
            "structure_valid": self.structure_valid,
            "rule_set": None if self.rule_set is None else self.rule_set.as_fields(),
            "further_rule_sets": [each.as_fields() for each in self.further_rule_sets],
            "findings": [
                {"id": each.id, "weight": each.weight.value, "pointer": each.field, "message": each.message}
                for each in self.findings
            ],
            "terms": terms_of(self.document),
        }


def fatal_of(findings: Iterable[Fault]) -> tuple[Fault, ...]:
    """List the fatal ones of some findings."""
    return tuple(each for each in findings if each.weight is FaultWeight.FATAL)


def strict(read: tuple[Typed, tuple[Fault, ...]]) -> tuple[Typed, tuple[Fault, ...]]:
    """Give what was read as it is. Raises DocumentError, with all that is fatal, if something is."""
    if fatal := fatal_of(read[1]):
        raise DocumentError.of(fatal, COMPUTE if all(each.id.startswith(_SUMS) for each in fatal) else "")
    return read


def terms_of(document: Document | None) -> dict[str, str]:
    """Name the terms of what was read; those of several payments are counted from 1: `1/amount_minor`."""
    match document:
        case None:
            return {}
        case tuple():
            return {
                f"{place}/{name}": text
                for place, payment in enumerate((*document,), 1)
                for name, text in terms(payment).items()
            }
        case _:
            return terms(document)
