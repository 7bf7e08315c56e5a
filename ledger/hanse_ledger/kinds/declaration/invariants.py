"""What every reachable state satisfies of customs declarations."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.declaration.state import COUNTED, Declaration, DeclarationState
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, are, no_claims, words
from hanse_ledger.values.types import Digest, ObjectId, same_hs_code


def _breaches(state: ReachedState) -> Iterator[str]:
    yield from _misdrawn(state)
    for declaration in all_of(state, Declaration):
        links = declaration.links
        if not are(state, Invoice, *links.invoices) or len(set(links.invoices)) != len(links.invoices):
            yield f"{words(declaration)} does not name each of its invoices once"
        if not are(state, Party, links.declarant, *([links.principal] if links.principal else [])):
            yield f"{words(declaration)} is not lodged by parties"
        yield from _torn(declaration)
        for line in declaration.lines:
            if line.certificate is None:
                continue
            certificate = state.objects.get(line.certificate.certificate)
            if not isinstance(certificate, Certificate) or line.certificate.line > len(certificate.balances):
                yield f"{words(declaration)} draws on a line that no certificate has"
                continue
            balance = certificate.balances[line.certificate.line - 1]
            same_goods = same_hs_code(line.hs_code, balance.hs_code)
            if not same_goods or (line.origin, line.unit) != (balance.origin, balance.unit):
                yield f"{words(declaration)} declares other goods than are certified"


def _misdrawn(state: ReachedState) -> Iterator[str]:
    """Find lines of which others draw more than is released, or another quantity than they have declared."""
    drawn = Counter[tuple[ObjectId, int]]()
    for declaration in all_of(state, Declaration):
        for line in declaration.lines:
            if line.source is not None:
                drawn[line.source.declaration, line.source.line] += line.open_micro + line.released_micro
    for declaration in all_of(state, Declaration):
        for number, line in enumerate(declaration.lines, start=1):
            if line.drawn_micro != drawn[declaration.id, number] or line.available_micro < 0:
                yield f"line {number} of {words(declaration)} is not what others draw on it, or is overdrawn"


def _torn(declaration: Declaration) -> Iterator[str]:
    """Find quantities of which more is decided than was declared, and a state that does not follow from them."""
    lines, state = declaration.lines, declaration.status.state
    if any(min(line.open_micro, line.released_micro) < 0 for line in lines):
        yield f"less than nothing of {words(declaration)} is open, or released"
    if any(line.open_micro + line.released_micro > line.quantity_micro for line in lines):
        yield f"more of {words(declaration)} is open and released than was declared"
    if any((line.released_by is None) and line.released_micro > 0 for line in lines):
        yield f"{words(declaration)} does not say who released it"
    untouched = all(line.open_micro == line.quantity_micro for line in lines)
    whole = all(line.released_micro == line.quantity_micro for line in lines)
    released = any(line.released_by is not None for line in lines)
    due = {
        DeclarationState.LODGED: untouched,
        DeclarationState.PARTLY_RELEASED: released and declaration.rest != {},
        DeclarationState.RELEASED: whole,
        DeclarationState.CUT_SHORT: released and declaration.rest == {} and not whole,
    }
    if not due.get(state, not released and declaration.rest == {}):
        yield f"the state of {words(declaration)} does not follow from its lines"


def _counted(state: ReachedState, _: Sequence[AppliedRecord]) -> Counter[Digest]:
    """Count what has come to nothing for each trader on each document that is not its own."""
    counts: Counter[Digest] = Counter()
    for declaration in all_of(state, Declaration):
        if declaration.status.state in COUNTED:
            continue
        trader = declaration.links.principal or declaration.links.declarant
        named = {line.certificate.certificate for line in declaration.lines if line.certificate}
        for name in (*declaration.links.invoices, *named):
            match state.objects.get(name):
                case Invoice(links=links) if links.seller != trader:
                    counts[ended_claim(name, trader)] += 1
                case Certificate(links=links) if links.exporter != trader:
                    counts[ended_claim(name, trader)] += 1
                case _:
                    pass
    return counts


INVARIANTS = Invariants(_breaches, no_claims, _counted)
