"""Every reason for which a record is refused, and which rule gives it."""

from hanse_ledger.kinds import KIND_NAMED, kind_of
from hanse_ledger.kinds import refusals as general
from hanse_ledger.kinds.bundle import refusals as bundle
from hanse_ledger.kinds.bundle.rules import step_refused
from hanse_ledger.kinds.certificate import refusals as certificate
from hanse_ledger.kinds.consignment import refusals as consignment
from hanse_ledger.kinds.consignment.putting import FOLDER
from hanse_ledger.kinds.declaration import refusals as declaration
from hanse_ledger.kinds.document import refusals as document
from hanse_ledger.kinds.document.enclosing import SEALED
from hanse_ledger.kinds.document.rows import DOCUMENT
from hanse_ledger.kinds.evidence import refusals as evidence
from hanse_ledger.kinds.invoice import refusals as invoice
from hanse_ledger.kinds.mandate import refusals as mandate
from hanse_ledger.kinds.member import refusals as member
from hanse_ledger.kinds.office import refusals as office
from hanse_ledger.kinds.order import refusals as order
from hanse_ledger.kinds.party import refusals as party
from hanse_ledger.kinds.payment import refusals as payment
from hanse_ledger.kinds.pledge import refusals as pledge
from hanse_ledger.kinds.shipment import refusals as shipment
from hanse_ledger.kinds.title import refusals as title
from hanse_ledger.values.reasons import Reason
from hanse_ledger.wire.part import Body

ALL: tuple[Reason, ...] = tuple(
    reason
    for refusals in (
        general,
        member,
        office,
        party,
        mandate,
        invoice,
        certificate,
        declaration,
        payment,
        pledge,
        evidence,
        order,
        shipment,
        title,
        consignment,
        document,
        bundle,
    )
    for reason in vars(refusals).values()
    if isinstance(reason, Reason)
)
"""In the order of the rules."""

REASON_NAMED: dict[str, Reason] = {reason.value: reason for reason in ALL}


def refused_kind(body: Body, pointer: str) -> str:
    """Name the kind whose rule refused a record: of a bundle that of the step in which the refusal lies, if in one."""
    return step_refused(body, pointer) or kind_of(body).name


def rule_of(kind: str, reason: Reason, pointer: str = "") -> str:
    """Name the rule whose requirement a record broke: a general one, or that of its kind.

    Args:
        kind: the record's kind.
        reason: why it is refused.
        pointer: where; an enrolment that is not valid breaks P-4 in a signer, B-3 in a principal, and the kind's
            rule elsewhere; what is wrong with the consignment into which something new is put breaks U-3, and with
            the payload of which a document is created A-6.
    """
    if pointer.startswith("/mandates"):
        return "B-3"
    if pointer.endswith(FOLDER) and KIND_NAMED[kind].creates:
        return "U-3"
    if SEALED in pointer and KIND_NAMED[kind].object is not DOCUMENT:
        return "A-6"
    if reason is party.PARTY_INACTIVE and pointer.startswith("/signers"):
        return "P-4"
    return reason.rule or KIND_NAMED[kind].number
