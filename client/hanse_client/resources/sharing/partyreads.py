"""Who has read what of a party's, as a node has written it down: its own word, and of that node alone."""

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import Meta, Struct

from hanse_client.base.errors import BadAnswer, IdentityError, InvalidInput
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.printing import Printed, printed
from hanse_client.exchange.answers import PAGE_RECORDS, Hex32, read_answer
from hanse_client.exchange.ownparties import own_party_or_member
from hanse_client.exchange.session import Session
from hanse_client.exchange.transport import Query
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId

PAGE_BYTES = 1024 * 1024
SHOWN = 100
"""So many rows are asked for at a time."""

_Word = Annotated[str, Meta(max_length=128)]
_Place = Annotated[str, Meta(max_length=19)]


class Reader(Printed, frozen=True, kw_only=True):
    """Who has read.

    Attributes:
        kind: `party`, `office`, `node` (of a member), `token` (who bears one of that node's), or `nobody` (somebody on
            the machine of a node that asks nobody who reads); to an auditor also `officer`, `member-key`, `member`,
            `observer`.
        party: the party's id; nil where whoever asks does not know it.
        member: whose office or node it is, or whose node has made the token.
        name: to an auditor: the token's, the officer's key, or the address.
    """

    kind: str
    party: ObjectId | None
    member: MemberId | None
    name: str | None


class PartyRead(Printed, frozen=True, kw_only=True):
    """What somebody has read at a node in an hour that concerns a party.

    Attributes:
        node: the member whose node has written it down.
        party: whom it concerns; nil for everybody: the log as a whole, or too much for each to be named.
        reader: who has read.
        right: under which right: `own`, `shared` (the object is the reader's too), `standing` (how it stands is open
            to every party), `member`, `token`, `reader` (to whom it is sealed), `operator`, `open`.
        way: how: `object`, `history`, `record`, `proof`, `list`, `inbox`, `events`, `webhook`, `payload`, `log`.
        kind: of the object, or of the record; nil where none is named.
        object_id: the object, or the record; nil where none is named.
        payload: SHA-256 of the sealed bytes.
        first_ms: when it was read first, in milliseconds since 1970, as that node's clock said.
        last_ms: when last.
        times: how often.
        cursor: behind it another process goes on, see `before` of `parties.reads`.
    """

    node: MemberId
    party: ObjectId | None
    reader: Reader
    right: str
    way: str
    kind: str | None
    object_id: bytes | None
    payload: Digest | None
    first_ms: Moment
    last_ms: Moment
    times: int
    cursor: str


class ReadsQuery(Struct, frozen=True):
    """What is sought: see `AsyncParties.reads`."""

    party: Id | None = None
    everybody: bool = False
    object_id: Id | None = None
    since_ms: Moment | None = None
    until_ms: Moment | None = None
    before: str | None = None


class _ToldReader(Struct, frozen=True, kw_only=True):
    kind: _Word
    id: Hex32 | None
    member: _Word | None
    name: _Word | None


class _ToldRead(Struct, frozen=True, kw_only=True):
    cursor: _Place
    party: Hex32 | None
    first: Moment
    last: Moment
    times: Annotated[int, Meta(ge=1)]
    reader: _ToldReader
    right: _Word
    way: _Word
    kind: _Word | None
    object: Hex32 | None
    payload: Hex32 | None


class _ToldPage(Struct, frozen=True, kw_only=True):
    node: _Word
    reads: Annotated[tuple[_ToldRead, ...], Meta(max_length=PAGE_RECORDS)]
    following: _Place | None


async def walk_reads(session: Session, query: ReadsQuery) -> AsyncIterator[PartyRead]:
    """Walk over who has read what: see `AsyncParties.reads`."""
    party = await _whose(session, query)
    sought = None if query.object_id is None else parse_id(query.object_id, "object").hex()
    before = query.before
    while True:
        asked: tuple[tuple[str, object], ...] = (
            ("party", None if party is None else party.hex()),
            ("object", sought),
            ("since", query.since_ms),
            ("until", query.until_ms),
            ("before", before),
            ("limit", SHOWN),
        )
        sent: Query = tuple((name, str(value)) for name, value in asked if value is not None)
        page = read_answer(await session.transport.get("/v1/reads", most=PAGE_BYTES, query=sent), _ToldPage)
        for each in page.reads:
            if party is not None and each.party not in (None, party.hex()):
                raise BadAnswer("The node tells of reads that concern another party than was asked for.")
            yield _opened(page.node, each)
        if page.following is None:
            return
        if not page.following.isdecimal() or (before is not None and int(page.following) >= int(before)):
            raise BadAnswer("The node's list of reads does not go on where it ends.")
        before = page.following


async def _whose(session: Session, query: ReadsQuery) -> ObjectId | None:
    """Say of whom is asked: as was said, else of the client's own party; nil for everybody."""
    if query.everybody:
        if query.party is not None:
            raise InvalidInput("Reads are asked for of one party, or of everybody.", "Leave one of both out.")
        return None
    if query.party is not None:
        return parse_id(query.party, "party")
    next_step = "Name a party that is with it (--party, party=…); an auditor asks for everybody's (--all)."
    try:
        _, party = await own_party_or_member(session)
    except IdentityError as error:
        raise InvalidInput("It is not said of which party reads are asked for.", next_step) from error
    if party is None:
        raise InvalidInput("Reads are written down by party, and the key signs for a member.", next_step)
    return party


def _opened(node: MemberId, told: _ToldRead) -> PartyRead:
    reader = told.reader
    found: PartyRead = printed(
        PartyRead(
            node=node,
            party=_bytes(told.party),
            reader=Reader(kind=reader.kind, party=_bytes(reader.id), member=reader.member, name=reader.name),
            right=told.right,
            way=told.way,
            kind=told.kind,
            object_id=_bytes(told.object),
            payload=_bytes(told.payload),
            first_ms=told.first,
            last_ms=told.last,
            times=told.times,
            cursor=told.cursor,
        )
    )
    return found


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
