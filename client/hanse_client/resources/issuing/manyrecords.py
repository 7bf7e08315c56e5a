"""Many documents on their way to the ledger at once: each is registered once, however often that is interrupted."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from msgspec import Struct

from hanse_client.base.errors import HanseError, InvalidInput, Refused
from hanse_client.base.views import Receipt, Refusal
from hanse_client.exchange.once import sign_draft
from hanse_client.exchange.registering import register, says_the_same
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import submit_together
from hanse_client.home.openings import Opening
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.refusals import EXPIRED
from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.codec import encode

TOGETHER = 200
"""So many are kept, sent and answered at once; the home folder holds a lock for each of them meanwhile."""

Answers = list[Receipt | Refusal | None]


class ToRegister(Struct, frozen=True, kw_only=True):
    """A document that is to be registered.

    Attributes:
        body: what the record says.
        opening: what opens its commitment.
        keep: keeps what else is to be known of the record, before it is sent.
    """

    body: IssueInvoice
    opening: Opening
    keep: Callable[[Signed], None]


async def register_together(session: Session, documents: Sequence[ToRegister]) -> list[Receipt | Refusal]:
    """Register documents that differ from each other, `TOGETHER` at most; one answer each, in order.

    What is needed to open them is kept before anything is sent. What was kept before, says the same and may stand is
    sent again as it was: it stands once, and its receipt says so, also of what has been cancelled since.

    Raises as `submit_drafts` does, with the `answers` that came; InvalidInput where others have to sign too.
    """
    assert len(documents) <= TOGETHER, "its caller parts them"
    if session.acting.countersigners:
        raise InvalidInput("Many documents cannot be drafted for others to sign.", "Leave out --with and --draft.")
    answers: Answers = [None] * len(documents)
    ready = dict[int, Signed]()
    async with AsyncExitStack() as held:
        # In one order, whoever registers the same: none waits for another that waits for it.
        for place in sorted(range(len(documents)), key=lambda place: documents[place].opening.file_digest or b""):
            signed = await _prepared(session, documents[place], held)
            if signed is not None:
                ready[place] = signed
        await _send(session, ready, answers)
        # What was kept, has expired and stands nowhere can be written no more: it is said anew.
        expired = [place for place in ready if _has_expired(answers[place])]
        await _send(session, {place: await _made(session, documents[place]) for place in expired}, answers)
    for place in sorted(set(range(len(documents))) - set(ready)):
        try:
            answers[place] = await _alone(session, documents[place])
        except HanseError as error:
            error.answers = tuple(answers)
            raise
    settled = [answer for answer in answers if answer is not None]
    assert len(settled) == len(documents), "each was sent, together or alone"
    return settled


async def _prepared(session: Session, document: ToRegister, held: AsyncExitStack) -> Signed | None:
    """Take a document's lock, and give what is to be sent of it; nothing where it was sent otherwise before."""
    ledger, issuer = (await session.trust()).ledger, document.body.seller
    async with AsyncExitStack() as own:
        await own.enter_async_context(session.registered.registering(ledger, issuer, document.opening))
        kept = session.registered.find(ledger, issuer, document.opening)
        if len(kept) > 1 or (kept and not says_the_same(session, kept[0], document.body)):
            return None
        signed = kept[0] if kept else await _made(session, document)
        held.push_async_exit(own.pop_all())
    return signed


async def _made(session: Session, document: ToRegister) -> Signed:
    """Make a record, and keep all that is needed of it: from there on it is known what is sent."""
    draft = await sign_draft(session, document.body)
    session.openings.keep(draft.object_id, draft.id, document.opening)
    signed, ledger = draft.signed(), (await session.trust()).ledger
    session.registered.keep(ledger, document.body.seller, document.opening, encode(signed.envelope))
    document.keep(signed)
    return signed


async def _send(session: Session, ready: dict[int, Signed], answers: Answers) -> None:
    """Send records, and put what is answered into its places."""
    if not ready:
        return
    session.sendings.repeatable(signed.id for signed in ready.values())
    try:
        answered: Sequence[Receipt | Refusal | None] = await submit_together(session, list(ready.values()))
    except HanseError as error:
        for place, answer in zip(ready, error.answers, strict=False):
            answers[place] = answer
        error.answers = tuple(answers)
        raise
    for place, answer in zip(ready, answered, strict=True):
        answers[place] = answer


def _has_expired(answer: Receipt | Refusal | None) -> bool:
    return isinstance(answer, Refusal) and answer.code == EXPIRED.value


async def _alone(session: Session, document: ToRegister) -> Receipt | Refusal:
    """Register a document of which something else was sent before: what became of that is looked up first."""
    body = document.body
    try:
        return await register(session, body, document.opening, issuer=body.seller, again=False, keep=document.keep)
    except Refused as error:
        return error.refusal
