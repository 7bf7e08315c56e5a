"""What is said once stands once: a record whose receipt did not come is sent again as it was, by who says the same.

`submit_body` and `submit_opening` make a record of what is said, and `submit_once` one that the caller makes: all three
keep it until it is settled, and send again what said the same before. `submit_kept` keeps a given record, and is what
they end in. Nothing is kept by those of `submitting`: `submit_signed`, `submit_draft`, `submit_drafts`, `submit_many`.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import structs

from hanse_client.base.errors import InvalidInput, Refused, SetupError
from hanse_client.base.views import Notice, Receipt
from hanse_client.exchange.sealed.outbox import forget_payloads, send_payloads
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import by_the_rules, draft_body, submit_signed
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.home.openings import Opening
from hanse_client.home.unsettled import Sending
from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.certificate.bodies import ApplyForCertificate
from hanse_ledger.kinds.refusals import EXPIRED
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.part import Body


async def submit_body(
    session: Session, body: Body, countersign: Sequence[Identity] = (), *, asked: Body | None = None
) -> Receipt:
    """Sign a body with the session's identity and those of `countersign`, and submit it, kept until it is settled.

    Args:
        session: who sends.
        body: what the record says.
        countersign: who signs besides.
        asked: the same without what was drawn at random or taken from the clock, where something was.
    """

    async def make() -> Signed:
        return await sign_body(session, body, countersign)

    place = await place_of(session, body if asked is None else asked, countersign)
    return await submit_once(session, place, make)


async def submit_opening(
    session: Session,
    body: Body,
    asked: Body,
    opening: Opening,
    countersign: Sequence[Identity] = (),
) -> Receipt:
    """Submit a record that commits to a document; its opening is kept before anything is sent. See `submit_body`."""

    async def make() -> Signed:
        return await sign_opening(session, body, opening, countersign)

    return await submit_once(session, await place_of(session, asked, countersign), make)


async def place_of(session: Session, asked: Body, countersign: Sequence[Identity] = (), *more: bytes) -> Path:
    """Name the file that keeps what is said until it is settled. See `Sendings.place`."""
    keys = (identity.public_key for identity in countersign)
    signers = (session.need_identity().public_key, *keys, *session.acting.countersigners)
    return session.sendings.place((await session.trust()).ledger, signers, asked, *session.acting.mandates, *more)


async def submit_once(session: Session, place: Path, make: Callable[[], Awaitable[Signed]]) -> Receipt:
    """Submit what is said, kept until it is settled; what said it before, and is not settled, is sent in its place.

    Args:
        session: who sends.
        place: see `place_of`.
        make: makes the record.

    Raises as `submit` does, and as `Sendings.saying`.
    """
    async with session.sendings.saying(place) as said:
        if said.before is not None:
            try:
                receipt = await submit_kept(session, said, said.before)
            except Refused as error:
                # An hour later it can be written no more, and does not stand: what is said now is another record. Where
                # another program is saying it, that one makes it.
                if error.code != EXPIRED.value or said.place is None:
                    raise
            else:
                told = session.notices.tell("sent-again", _told_again(said.before))
                return structs.replace(receipt, warnings=(told, *receipt.warnings))
        return await submit_kept(session, said, await make())


def _told_again(before: Signed) -> InvalidInput:
    return InvalidInput(
        f"The same was sent before, {moment_words(before.record.created)}, and no receipt came: {before.record.kind} "
        f"{before.id.hex()} was sent again, and stands once.",
        "If another one is meant, run the command again.",
    )


async def submit_kept(session: Session, said: Sending, signed: Signed) -> Receipt:
    """Submit a record, kept until it is settled: until it stands, or the rules have refused it.

    Whatever else answers, such as a proxy that does not let it pass, knows nothing of it. Raises as `submit` does.
    """
    session.sendings.keep(said, signed)
    # The documents first: a record that names what never comes tells its readers so.
    await send_payloads(session, signed)
    try:
        receipt = await submit_signed(session, signed)
    except Refused as error:
        if by_the_rules(error.refusal):
            forget_payloads(session, signed)
            _attempt(session, lambda: session.sendings.forget(said))
        raise
    forget_payloads(session, signed)
    left = _attempt(session, lambda: session.sendings.forget(said))
    return receipt if left is None else structs.replace(receipt, warnings=(*receipt.warnings, left))


def forget_standing(session: Session, place: Path, receipt: Receipt) -> Receipt:
    """Forget a record that was found to stand, if it is what is kept; what goes wrong is a warning of its receipt."""
    left = _attempt(session, lambda: session.sendings.forget_standing(place, receipt.record_id))
    return receipt if left is None else structs.replace(receipt, warnings=(*receipt.warnings, left))


def _attempt(session: Session, forget: Callable[[], None]) -> Notice | None:
    """Forget what is settled; give what went wrong with it."""
    try:
        forget()
    except SetupError as error:
        return session.notices.tell("unsettled-not-forgotten", error)
    return None


async def sign_body(session: Session, body: Body, countersign: Sequence[Identity] = ()) -> Signed:
    """Sign a body with the session's identity and those of `countersign`."""
    return (await sign_draft(session, body, countersign)).signed()


async def sign_opening(session: Session, body: Body, opening: Opening, countersign: Sequence[Identity] = ()) -> Signed:
    """Make and sign a record that commits to a document; its opening is kept before anything is sent."""
    draft = await sign_draft(session, body, countersign)
    # From here the opening is on disk. A crash before the record stands leaves an opening of nothing: no harm.
    keep_opening(session, draft, opening)
    return draft.signed()


def keep_opening(session: Session, draft: Draft, opening: Opening) -> None:
    """Keep what opens a record's document: by the object that the record creates, else by the record.

    Several records of one object may have documents, or one and then one that the rules refuse: none may take the place
    of another's. An application creates its certificate, whose own document is the one on which it is granted.
    """
    name = draft.object_id if opens_its_object(draft.record.body) else draft.id
    session.openings.keep(draft.object_id, draft.id, opening, name=name)


def opens_its_object(body: Body) -> bool:
    """Tell whether a document is known by the object that its record creates; if not, by the record."""
    return kind_of(body).creates and not isinstance(body, ApplyForCertificate)


async def sign_draft(session: Session, body: Body, countersign: Sequence[Identity] = ()) -> Draft:
    """Draft a body, signed by the session's identity and those of `countersign`."""
    prepared = await draft_body(session, body, [identity.public_key for identity in countersign])
    for identity in countersign:
        prepared = prepared.sign(identity)
    return prepared
