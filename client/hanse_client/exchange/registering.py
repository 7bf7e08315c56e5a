"""Documents on their way to the ledger: each is registered once, unless whoever sends it says so."""

from collections.abc import Callable, Sequence, Set

from msgspec import structs

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import HanseError, InvalidInput, NotFound, SecurityAlarm, StaleHead
from hanse_client.base.objects import ObjectView
from hanse_client.base.views import Notice, Receipt
from hanse_client.exchange.once import forget_standing, keep_opening, place_of, sign_draft, submit_kept, submit_once
from hanse_client.exchange.reading import prove_record, show
from hanse_client.exchange.sealed.outbox import forget_payloads, keep_sealed, sealed_to
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import receipt_of
from hanse_client.home.drafts import subject_of
from hanse_client.home.openings import Opening
from hanse_client.home.unsettled import without_chance
from hanse_client.sealing.content import ReaderOpening
from hanse_ledger.kinds.certificate.bodies import (
    ApplyForCertificate,
    GrantCertificate,
    IssueCertificate,
    ReplaceCertificate,
)
from hanse_ledger.kinds.certificate.state import CertificateState
from hanse_ledger.kinds.invoice.bodies import CreditInvoice, IssueInvoice
from hanse_ledger.kinds.invoice.state import InvoiceState
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.codec import encode

Registration = (
    IssueInvoice | CreditInvoice | IssueCertificate | ApplyForCertificate | GrantCertificate | ReplaceCertificate
)

OVER = {
    *(state.value for state in (InvoiceState.CANCELLED, InvoiceState.REFUSED)),
    *(state.value for state in (CertificateState.REFUSED, CertificateState.REPLACED)),
    *(state.value for state in (CertificateState.REVOKED, CertificateState.WITHDRAWN)),
}
"""Whoever registers a document again after this need not be asked."""


def _nothing_more(_: Signed) -> None:
    """Keep nothing else."""


async def register(
    session: Session,
    body: Registration,
    opening: Opening,
    *,
    issuer: bytes,
    again: bool,
    keep: Callable[[Signed], None] = _nothing_more,
    sealed: bytes | None = None,
    readers: Sequence[ReaderOpening] = (),
) -> Receipt:
    """Submit a record that registers a document; what is needed to open it is kept before anything is sent.

    Args:
        session: who sends.
        body: what the record says.
        opening: what opens its commitment.
        issuer: the party, or the member, that issues the document.
        again: register it even if it stands already.
        keep: keeps what else is to be known of the record, before it is sent.
        sealed: the document as the body's payload names it, sealed to its readers; it is sent before the record.
        readers: who they are, and what opens the commitments to them.

    Returns:
        The receipt; of a document that stands already that of the record that stands, with the warning
        `registered-already`, and nothing has been sent.

    Raises as `submit` does, and SetupError where the home folder cannot keep what must be kept: nothing was sent then.
    """
    ledger, named = (await session.trust()).ledger, frozenset(each.reader for each in readers)
    asked = structs.replace(body, document=without_chance(opening), payload=None)
    place = await place_of(session, asked, (), *sorted(named))

    async def make() -> Signed:
        draft = await sign_draft(session, body)
        keep_opening(session, draft, opening)
        if sealed is not None:
            keep_sealed(session, sealed, readers)
        signed = draft.signed()  # what others sign too ends here: the opening is kept, and nothing is sent
        session.registered.keep(ledger, issuer, opening, encode(signed.envelope))
        keep(signed)
        # From here it is known what was sent. A crash before the record stands leaves an opening and an envelope of
        # nothing: the next attempt finds that it does not stand, and sends the same again.
        return signed

    if again:
        return await submit_once(session, place, make)
    # Held until it is settled: who registers the same document meanwhile waits, and finds what stands.
    async with session.registered.registering(ledger, issuer, opening):
        receipt, absent = await _sent_before(session, session.registered.find(ledger, issuer, opening))
        if receipt is not None:
            return forget_standing(session, place, receipt)
        for signed in absent:
            if says_the_same(session, signed, body, named) and signed.record.expires > now_ms():
                # Nobody knows what became of it. The same record again stands once, whatever the node does with both.
                async with session.sendings.saying(place) as said:
                    return await submit_kept(session, said, signed)
        return await submit_once(session, place, make)


async def _sent_before(session: Session, records: Sequence[Signed]) -> tuple[Receipt | None, list[Signed]]:
    """Find what stands of the records that were made of a document, the newest first; and those that do not."""
    absent = []
    for signed in reversed(records):
        try:
            receipt = await _standing(session, signed)
        except NotFound:
            absent.append(signed)
            continue
        if receipt is not None:
            forget_payloads(session, signed)
            return receipt, absent
    return None, absent


async def _standing(session: Session, signed: Signed) -> Receipt | None:
    """Find where a record stands, and give its receipt; nothing where what it made is over. Raises NotFound."""
    notices: list[Notice] = []
    head = await session.head(old=True)
    record, _ = await prove_record(session, signed.id, head, old=True)
    try:
        session.judge_age(head)
    except StaleHead as error:
        notices.append(session.notices.tell("clock-differs", error))
    name = subject_of(signed.record.body, signed.id)
    try:
        if (await show(session, name, ObjectView)).state in OVER:
            return None
    except SecurityAlarm:
        raise
    except HanseError as error:
        notices.append(session.notices.tell("state-unknown", error))
    stands = InvalidInput(
        f"This file is registered already: {record.kind} {name.hex()} stands at position {record.position}, written "
        f"{moment_words(record.time_ms)}. Nothing was sent.",
        "To register it once more, say so: --again, or again=True.",
    )
    warnings = (
        session.notices.tell("registered-already", stands),
        *notices,
        *(notice for notice in session.notices.met if notice.code == "head-not-kept"),
    )
    return receipt_of(record, head, warnings)


def says_the_same(session: Session, signed: Signed, body: Registration, readers: Set[ObjectId]) -> bool:
    """Tell whether a record says the same as a body shared with these readers, and is signed with the same key.

    Who the readers of a record are that is settled, only its salts tell: then it is enough that they are as many.
    """
    old = signed.record.body
    if not isinstance(old, Registration):
        return False
    shown = (old.document.discoverable, body.document.discoverable)
    key = session.need_identity().public_key
    return (
        shown[0] == shown[1]
        and signed.record.signers == (key, *session.acting.countersigners)
        and signed.record.mandates == session.acting.mandates
        and _shared(old) == len(readers)
        and sealed_to(session, signed) in (None, frozenset(readers))
        and structs.replace(old, document=body.document, payload=body.payload) == body
    )


def _shared(body: Registration) -> int:
    """With how many readers a record shares its document: who they are only its salts tell."""
    return 0 if body.payload is None else len(body.payload.readers)
