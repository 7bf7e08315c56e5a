"""What every reachable state satisfies of certificates: their balances are what declarations leave."""

from collections import Counter
from collections.abc import Iterator

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import Invariants, ReachedState, all_of, are, no_claims, nothing_ended, words
from hanse_ledger.values.types import ObjectId


def _breaches(state: ReachedState) -> Iterator[str]:
    reserved, written_off = _drawn(state, DeclarationState.LODGED), _drawn(state, DeclarationState.RELEASED)
    for certificate in all_of(state, Certificate):
        for line, balance in enumerate(certificate.balances, start=1):
            if min(balance.reserved_micro, balance.written_off_micro, balance.available_micro) < 0:
                yield f"line {line} of {words(certificate)} is overdrawn, or less than nothing of it is used"
            due = (reserved[certificate.id, line], written_off[certificate.id, line])
            if (balance.reserved_micro, balance.written_off_micro) != due:
                yield f"line {line} of {words(certificate)} is not what its declarations leave"
        links = certificate.links
        if not are(state, Party, links.exporter, *([links.consignee] if links.consignee else [])):
            yield f"{words(certificate)} is not for parties"


def _drawn(state: ReachedState, wanted: DeclarationState) -> Counter[tuple[ObjectId, int]]:
    """Sum what import declarations in a state draw from each line of each certificate."""
    sums: Counter[tuple[ObjectId, int]] = Counter()
    for declaration in all_of(state, Declaration):
        status = declaration.status
        if status.state is wanted and status.regime is Regime.IMPORT:
            for line in declaration.lines:
                if line.certificate is not None:
                    sums[line.certificate.certificate, line.certificate.line] += line.quantity_micro
    return sums


INVARIANTS = Invariants(_breaches, no_claims, nothing_ended)
