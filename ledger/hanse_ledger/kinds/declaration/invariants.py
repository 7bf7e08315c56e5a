"""What every reachable state satisfies of customs declarations."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.declaration.state import COUNTED, Declaration
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import Invariants, ReachedState, Told, all_of, are, no_claims, words
from hanse_ledger.values.types import Digest, same_hs_code


def _breaches(state: ReachedState) -> Iterator[str]:
    for declaration in all_of(state, Declaration):
        links = declaration.links
        if not are(state, Invoice, *links.invoices) or len(set(links.invoices)) != len(links.invoices):
            yield f"{words(declaration)} does not name each of its invoices once"
        if not are(state, Party, links.declarant, *([links.principal] if links.principal else [])):
            yield f"{words(declaration)} is not lodged by parties"
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


def _counted(state: ReachedState, _: Sequence[Told]) -> Counter[Digest]:
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
