"""Which line of an invoice is which line of a certificate: the documents number theirs apart."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence

from msgspec import Struct

from hanse_documents.checks.likeness import same_number
from hanse_documents.model.documents import CertificateDocument, CertificateGoods, InvoiceDocument, InvoiceLine
from hanse_ledger.values.types import HS_DIGITS


class Pairing(Struct, frozen=True, kw_only=True):
    """Lines by their places, counted from 1: pairs of (invoice line, certificate line), and what is left over."""

    pairs: tuple[tuple[int, int], ...]
    only_certificate: tuple[int, ...]
    only_invoice: tuple[int, ...]


_Line = InvoiceLine | CertificateGoods
_Likeness = Callable[[_Line], Hashable]


def _code(line: _Line) -> str | None:
    return line.hs_code[:HS_DIGITS] if line.hs_code else None


# The most alike first, so that what differs between two lines is found as the one difference between them.
_PASSES: tuple[_Likeness, ...] = (
    lambda line: (_code(line), line.origin, line.unit, line.quantity_micro),
    lambda line: (_code(line), line.unit, line.quantity_micro),
    lambda line: (_code(line), line.origin),
    _code,
    lambda line: (line.unit, line.quantity_micro),
    lambda _: None,
)


def concerned(invoice: InvoiceDocument, certificate: CertificateDocument) -> tuple[int, ...]:
    """List the certificate's lines that are about this invoice: those that name it or name none.

    All of them when none does: then the reference is what differs, and the goods are still compared.
    """
    places = tuple(
        place
        for place, line in enumerate(certificate.lines, 1)
        if line.invoice is None or same_number(line.invoice, invoice.number)
    )
    return places or tuple(range(1, len(certificate.lines) + 1))


def pair(invoice: InvoiceDocument, certificate: CertificateDocument) -> Pairing:
    """Pair the lines of two documents, each line once: by likeness, and what is left by order."""
    left: Sequence[int] = range(1, len(invoice.lines) + 1)
    right: Sequence[int] = concerned(invoice, certificate)
    pairs: list[tuple[int, int]] = []
    for likeness in _PASSES:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for place in right:
            waiting[likeness(certificate.lines[place - 1])].append(place)
        found = {
            place: bucket.popleft() for place in left if (bucket := waiting.get(likeness(invoice.lines[place - 1])))
        }
        pairs.extend(found.items())
        taken = set(found.values())
        left = [place for place in left if place not in found]
        right = [place for place in right if place not in taken]
    return Pairing(pairs=tuple(sorted(pairs)), only_certificate=tuple(right), only_invoice=tuple(left))
