"""Every reason for which a record is refused, and which rule gives it."""

from hanse_ledger.kinds import KIND_NAMED
from hanse_ledger.kinds import refusals as general
from hanse_ledger.kinds.certificate import refusals as certificate
from hanse_ledger.kinds.declaration import refusals as declaration
from hanse_ledger.kinds.evidence import refusals as evidence
from hanse_ledger.kinds.invoice import refusals as invoice
from hanse_ledger.kinds.member import refusals as member
from hanse_ledger.kinds.party import refusals as party
from hanse_ledger.kinds.payment import refusals as payment
from hanse_ledger.values.reasons import Reason

ALL: tuple[Reason, ...] = tuple(
    reason
    for refusals in (general, member, party, invoice, certificate, declaration, payment, evidence)
    for reason in vars(refusals).values()
    if isinstance(reason, Reason)
)
"""In the order of the rules."""

REASON_NAMED: dict[str, Reason] = {reason.value: reason for reason in ALL}


def rule_of(kind: str, reason: Reason, pointer: str = "") -> str:
    """Name the rule whose requirement a record broke: a general one, or that of its kind.

    Args:
        kind: the record's kind.
        reason: why it is refused.
        pointer: where; an enrolment that is not valid breaks P-4 in a signer, and the kind's rule elsewhere.
    """
    if reason is party.PARTY_INACTIVE and pointer.startswith("/signers"):
        return "P-4"
    return reason.rule or KIND_NAMED[kind].number
