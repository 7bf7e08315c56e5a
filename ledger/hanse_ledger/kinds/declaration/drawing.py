"""What a declaration draws on certificates, and what it counts on its invoices."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.balances import MovedBy
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE
from hanse_ledger.kinds.certificate.rules import find_certificate
from hanse_ledger.kinds.certificate.state import Certificate, CertificateState
from hanse_ledger.kinds.common import Context, require
from hanse_ledger.kinds.declaration.state import RESERVING, Declaration, DeclaredLine
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.types import ObjectId


def require_live(certificate: Certificate, pointer: str) -> None:
    """Refuse a certificate that has been revoked."""
    present = certificate.status.state
    require(present is CertificateState.LIVE, CERTIFICATE_NOT_LIVE, pointer, seen=present)


def certificates_of(state: StateView, lines: Iterable[DeclaredLine]) -> dict[ObjectId, Certificate]:
    """Give the certificates on which lines draw, by id."""
    names = dict.fromkeys(line.certificate.certificate for line in lines if line.certificate)
    return {name: find_certificate(state, name, "/body/declaration") for name in names}


def drawing_lines(declaration: Declaration, numbers: Iterable[int]) -> tuple[DeclaredLine, ...]:
    """Give those of some lines that draw on certificates: an import's."""
    if declaration.status.regime not in RESERVING:
        return ()
    return tuple(declaration.lines[number - 1] for number in numbers)


def moved_by(declaration: Declaration, context: Context) -> MovedBy:
    """Say what moves balances: whoever signs the record, the office is the one to which the goods are declared."""
    return MovedBy(context.at, declaration.links.customs, context.record)


def moved(
    certificates: Mapping[ObjectId, Certificate],
    lines: Sequence[DeclaredLine],
    quantities: Iterable[tuple[int, int]],
    move: Callable[[Certificate, int, int, MovedBy], Certificate],
    by: MovedBy,
) -> tuple[Certificate, ...]:
    """Move quantities of declared lines, each with its line counted from 1, in the balances of these certificates."""
    changed = dict(certificates)
    for number, quantity_micro in quantities:
        use = lines[number - 1].certificate
        if use is not None and use.certificate in changed:
            changed[use.certificate] = move(changed[use.certificate], use.line, quantity_micro, by)
    return tuple(changed.values())


def invoices_of(state: StateView, declaration: Declaration) -> list[Invoice]:
    """Give a declaration's invoices."""
    return [find_invoice(state, name, "/body/declaration") for name in declaration.links.invoices]


def counted(invoice: Invoice, step: int) -> Invoice:
    """Count a declaration on an invoice, or no longer."""
    links = invoice.links
    return replace(invoice, links=replace(links, declarations=links.declarations + step))
