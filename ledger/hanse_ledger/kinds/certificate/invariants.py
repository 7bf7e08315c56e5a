"""What every reachable state satisfies of certificates: their balances are what declarations leave."""

from collections import Counter
from collections.abc import Iterator

from hanse_ledger.kinds.certificate.state import Certificate, CertificateState
from hanse_ledger.kinds.declaration.state import RESERVING, Declaration
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import Invariants, ReachedState, all_of, are, no_claims, nothing_ended, words
from hanse_ledger.values.types import ObjectId


def _breaches(state: ReachedState) -> Iterator[str]:
    reserved, written_off = _drawn(state)
    for certificate in all_of(state, Certificate):
        for line, balance in enumerate(certificate.balances, start=1):
            if min(balance.reserved_micro, balance.written_off_micro, balance.available_micro) < 0:
                yield f"line {line} of {words(certificate)} is overdrawn, or less than nothing of it is used"
            due = (reserved[certificate.id, line], written_off[certificate.id, line])
            if (balance.reserved_micro, balance.written_off_micro) != due:
                yield f"line {line} of {words(certificate)} is not what its declarations leave"
            if balance.moved is None and due != (0, 0):
                yield f"line {line} of {words(certificate)} is drawn upon, and nothing has moved it"
        yield from _replaced(state, certificate)
        links = certificate.links
        if not are(state, Party, links.exporter, *([links.consignee] if links.consignee else [])):
            yield f"{words(certificate)} is not for parties"


def _replaced(state: ReachedState, certificate: Certificate) -> Iterator[str]:
    """Compare a certificate with the one in its place: each names the other, and what was drawn has gone over."""
    name = certificate.status.replaced_by
    if (name is not None) is not (certificate.status.state is CertificateState.REPLACED):
        yield f"{words(certificate)} is replaced, and by none, or not, and by one"
    if certificate.links.replaces is not None:
        before = state.objects.get(certificate.links.replaces)
        if not isinstance(before, Certificate) or before.status.replaced_by != certificate.id:
            yield f"{words(certificate)} replaces what it does not"
    if name is None:
        return
    successor = state.objects.get(name)
    if not isinstance(successor, Certificate) or successor.links.replaces != certificate.id:
        yield f"{words(certificate)} is replaced by what does not say so"
        return
    for line, balance in enumerate(certificate.balances):
        used = balance.drawn_before_micro + balance.written_off_micro
        carried = successor.balances[line].drawn_before_micro if line < len(successor.balances) else 0
        if balance.reserved_micro or carried < used:
            yield f"what was drawn on line {line + 1} of {words(certificate)} has not gone over"


def _drawn(state: ReachedState) -> tuple[Counter[tuple[ObjectId, int]], Counter[tuple[ObjectId, int]]]:
    """Sum what declarations reserve of each line of each certificate, and what they have written off."""
    reserved, written_off = Counter[tuple[ObjectId, int]](), Counter[tuple[ObjectId, int]]()
    for declaration in all_of(state, Declaration):
        for line in declaration.lines if declaration.status.regime in RESERVING else ():
            if line.certificate is not None:
                reserved[line.certificate.certificate, line.certificate.line] += line.open_micro
                written_off[line.certificate.certificate, line.certificate.line] += line.released_micro
    return reserved, written_off


INVARIANTS = Invariants(_breaches, no_claims, nothing_ended)
