"""What is said once stands once: a record whose receipt did not come is sent again as it was, by who says the same."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import structs

from hanse_client.drafts import Draft
from hanse_client.errors import InvalidInput, Refused, SetupError, Unauthorized
from hanse_client.identity import Identity
from hanse_client.openings import Opening
from hanse_client.session import Session
from hanse_client.submitting import draft_body, submit_signed
from hanse_client.views import Notice, Receipt
from hanse_ledger.envelope import Signed
from hanse_ledger.reasons import Reason
from hanse_ledger.records import Body
from hanse_ledger.statement import moment_words


async def submit_body(
    session: Session, body: Body, cosign: Sequence[Identity] = (), *, asked: Body | None = None
) -> Receipt:
    """Sign a body with the session's identity and those of `cosign`, and submit it.

    Args:
        session: who sends.
        body: what the record says.
        cosign: who signs besides.
        asked: the same without what was drawn at random or taken from the clock, where something was.
    """

    async def make() -> Signed:
        return await sign_body(session, body, cosign)

    place = await place_of(session, body if asked is None else asked, cosign)
    return await submit_once(session, place, make)


async def submit_opening(
    session: Session, body: Body, asked: Body, opening: Opening, cosign: Sequence[Identity] = ()
) -> Receipt:
    """Submit a record that commits to a document; its opening is kept before anything is sent. See `submit_body`."""

    async def make() -> Signed:
        draft = await _signed(session, body, cosign)
        # From here the opening is on disk. A crash before the record stands leaves an opening of nothing: no harm.
        session.openings.keep(draft.object_id, draft.id, opening)
        return draft.signed()

    return await submit_once(session, await place_of(session, asked, cosign), make)


async def place_of(session: Session, asked: Body, cosign: Sequence[Identity] = (), *more: bytes) -> Path:
    """Name the file that keeps what is said until it is settled. See `Sendings.place`."""
    signers = (session.need_identity().public_key, *(identity.public_key for identity in cosign))
    return session.sendings.place((await session.trust()).ledger, signers, asked, *more)


async def submit_once(session: Session, place: Path, make: Callable[[], Awaitable[Signed]]) -> Receipt:
    """Submit what is said; what said it before, and is not settled, is sent again in its place.

    Args:
        session: who sends.
        place: see `place_of`.
        make: makes the record.

    Raises as `submit` does.
    """
    with session.sendings.saying(place) as before:
        if before is not None:
            try:
                receipt = await submit_kept(session, place, before)
            except Refused as error:
                # An hour later it can be written no more, and does not stand: what is said now is another record.
                if error.code != Reason.EXPIRED.value:
                    raise
            else:
                told = session.notices.tell("sent-again", _told_again(before))
                return structs.replace(receipt, warnings=(told, *receipt.warnings))
        return await submit_kept(session, place, await make())


def _told_again(before: Signed) -> InvalidInput:
    return InvalidInput(
        f"The same was sent before, {moment_words(before.record.created)}, and no receipt came: {before.record.kind} "
        f"{before.id.hex()} was sent again, and stands once.",
        "If another one is meant, run the command again.",
    )


async def submit_kept(session: Session, place: Path, signed: Signed) -> Receipt:
    """Submit a record, kept until it is settled. Raises as `submit` does."""
    session.sendings.keep(place, signed)
    try:
        receipt = await submit_signed(session, signed)
    except Unauthorized:
        raise  # the rules have not been asked
    except Refused:
        forget(session, place)
        raise
    left = forget(session, place)
    return receipt if left is None else structs.replace(receipt, warnings=(*receipt.warnings, left))


def forget(session: Session, place: Path) -> Notice | None:
    """Forget what is settled; give what went wrong with it."""
    try:
        session.sendings.forget(place)
    except SetupError as error:
        return session.notices.tell("unsettled-not-forgotten", error)
    return None


async def sign_body(session: Session, body: Body, cosign: Sequence[Identity] = ()) -> Signed:
    """Sign a body with the session's identity and those of `cosign`."""
    return (await _signed(session, body, cosign)).signed()


async def _signed(session: Session, body: Body, cosign: Sequence[Identity]) -> Draft:
    prepared = await draft_body(session, body, [identity.public_key for identity in cosign])
    for identity in cosign:
        prepared = prepared.sign(identity)
    return prepared
