"""The read log as it travels in JSON."""

from msgspec import Struct

from hanse_node.queries.readers.readlog import ReadPage, ShownRead


class ReaderShown(Struct, frozen=True, kw_only=True):
    """Who has read: what he is, and of which member; of a party its id where whoever asks knows it.

    `name` is told to auditors: a token's, an officer's or a member's key, a node's member, or an address.
    """

    kind: str
    id: str | None
    member: str | None
    name: str | None


class ReadShown(Struct, frozen=True, kw_only=True):
    """What somebody has read in an hour, first and last in milliseconds since 1970, how often, and under which right.

    `party` is whom it concerns; nil for everybody. `object` is an object, or the record of a `kind` with a dot, and
    `payload` the SHA-256 of sealed bytes; nil where none is named. Behind `cursor` a page may begin.
    """

    cursor: str
    party: str | None
    first: int
    last: int
    times: int
    reader: ReaderShown
    right: str
    way: str
    kind: str | None
    object: str | None
    payload: str | None


class ReadLogPage(Struct, frozen=True, kw_only=True):
    """What was read, the newest first, at this node; `following` is what the next page begins with, nil for none."""

    node: str
    complete: str
    reads: list[ReadShown]
    following: str | None


def read_log_page(page: ReadPage, node: str, complete: str) -> ReadLogPage:
    """Show a page of the read log of a member's node, and by whose word it is complete."""
    following = None if page.following is None else str(page.following)
    return ReadLogPage(node=node, complete=complete, reads=[_shown(each) for each in page.rows], following=following)


def _shown(found: ShownRead) -> ReadShown:
    row = found.row
    return ReadShown(
        cursor=str(row.turn),
        party=row.party.hex() or None,
        first=row.first,
        last=row.last,
        times=row.times,
        reader=ReaderShown(
            kind=found.reader, id=None if found.id is None else found.id.hex(), member=found.member, name=found.name
        ),
        right=row.entitled,
        way=row.way,
        kind=row.kind or None,
        object=row.object.hex() or None,
        payload=row.payload.hex() or None,
    )
