"""Many documents on their way to the ledger at once: each is registered once, however often that is interrupted."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, HanseError, InvalidInput, Refused
from hanse_client.base.views import Receipt, Refusal
from hanse_client.exchange.once import sign_draft
from hanse_client.exchange.registering import register, says_the_same
from hanse_client.exchange.sealed.outbox import forget_payloads, keep_sealed, send_payloads
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import by_the_rules, submit_together
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.sealed import SealedDocument
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.refusals import EXPIRED
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.codec import encode

TOGETHER = 200
"""So many are kept, sent and answered at once; the home folder holds a lock for each of them meanwhile."""

Answered = Receipt | Refusal | HanseError | None
Answers = list[Answered]


class ToRegister(Struct, frozen=True, kw_only=True):
    """A document that is to be registered.

    Attributes:
        body: what the record says.
        opening: what opens its commitment.
        keep: keeps what else is to be known of the record, before it is sent.
        readers: with whom the document is shared.
        seal: seals it to them, once a record is made of it; nil where it is not shared.
    """

    body: IssueInvoice
    opening: Opening
    keep: Callable[[Signed], None]
    readers: frozenset[ObjectId] = frozenset()
    seal: Callable[[], Awaitable[SealedDocument]] | None = None


async def register_together(session: Session, documents: Sequence[ToRegister]) -> list[Receipt | Refusal | HanseError]:
    """Register documents that differ from each other, `TOGETHER` at most; one answer each, in order.

    What is needed to open them is kept before anything is sent, and so is what is sealed of them, which goes before
    their records. What was kept before, says the same and may stand is sent again as it was: it stands once, and its
    receipt says so, also of what has been cancelled since. One that cannot be sealed, or whose sealed file the node
    does not take, hinders no other.

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
            try:
                signed = await _prepared(session, documents[place], held)
            except DocumentError as error:
                answers[place] = error
                continue
            if signed is not None:
                ready[place] = signed
        await _send(session, ready, answers)
        # What was kept, has expired and stands nowhere can be written no more: it is said anew.
        expired = [place for place in ready if _has_expired(answers[place])]
        await _send(session, {place: await _made(session, documents[place]) for place in expired}, answers)
    for place in [place for place, answer in enumerate(answers) if answer is None]:
        try:
            answers[place] = await _alone(session, documents[place])
        except HanseError as error:
            error.answers = _answered(answers)
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
        if len(kept) > 1 or (kept and not says_the_same(session, kept[0], document.body, document.readers)):
            return None
        signed = kept[0] if kept else await _made(session, document)
        held.push_async_exit(own.pop_all())
    return signed


async def _made(session: Session, document: ToRegister) -> Signed:
    """Make a record, and keep all that is needed of it: from there on it is known what is sent."""
    body = document.body
    if document.seal is not None:
        sealed = await document.seal()
        keep_sealed(session, sealed.sealed, sealed.readers)
        body = replace(body, payload=sealed.payload)
    draft = await sign_draft(session, body)
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
    there = dict[int, Signed]()
    try:
        # The documents first: a record that names what never comes tells its readers so.
        for place, signed in ready.items():
            try:
                await send_payloads(session, signed)
            except Refused as error:
                answers[place] = error.refusal
                continue
            there[place] = signed
        answered: Sequence[Receipt | Refusal | None] = await submit_together(session, list(there.values()))
    except HanseError as error:
        for place, answer in zip(there, error.answers, strict=False):
            answers[place] = answer
        error.answers = _answered(answers)
        raise
    for place, answer in zip(there, answered, strict=True):
        answers[place] = answer
        if isinstance(answer, Receipt) or (isinstance(answer, Refusal) and by_the_rules(answer)):
            forget_payloads(session, there[place])


def _answered(answers: Answers) -> tuple[Receipt | Refusal | None, ...]:
    """Give what the node has answered so far: what is wrong with a document is said again by the next call."""
    return tuple(None if isinstance(answer, HanseError) else answer for answer in answers)


def _has_expired(answer: Answered) -> bool:
    return isinstance(answer, Refusal) and answer.code == EXPIRED.value


async def _alone(session: Session, document: ToRegister) -> Receipt | Refusal | HanseError:
    """Register a document of which something else was sent before: what became of that is looked up first."""
    body, sealed = document.body, None
    try:
        if document.seal is not None:
            sealed = await document.seal()
            body = replace(body, payload=sealed.payload)
        return await register(
            session,
            body,
            document.opening,
            issuer=body.seller,
            again=False,
            keep=document.keep,
            sealed=None if sealed is None else sealed.sealed,
            readers=() if sealed is None else sealed.readers,
        )
    except DocumentError as error:
        return error
    except Refused as error:
        return error.refusal
