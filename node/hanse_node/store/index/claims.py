"""What exists once, by the SHA-256 of its key: its place in the sparse tree.

As of a head: what later blocks have changed is kept as it stood before them (`published.Before`).
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Column, LargeBinary, Table, and_, bindparam, column, select, values

from hanse_ledger.trees.claims_map import Claim
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import IN_WIDTHS, Run, Texts, chunks

_NOWHERE = (b"\xff" * 33, b"")
"""Bounds between which no place lies."""

claim = Table(
    "claim",
    metadata,
    Column("place", LargeBinary, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    places = sorted((hash_bytes(key), value) for key, value in change.block.claims.items())
    gone = [(place,) for place, value in places if value is None]
    return Written([(place, value) for place, value in places if value is not None], gone)


INDEX = Index(table=claim, write=_write, seen=Seen.KEPT, replaces=("value",), shrinks=True)


class ClaimTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        self.values = texts.among(select(claim.c.place, claim.c.value), claim.c.place)
        self.bucket = texts.text(
            select(claim.c.place, claim.c.value)
            .where(claim.c.place >= bindparam("a"), claim.c.place <= bindparam("b"))
            .order_by(claim.c.place)
        )
        self.buckets = {width: _buckets(texts, width) for width in IN_WIDTHS}


def _buckets(texts: Texts, width: int) -> str:
    """Write the reading of many buckets at once: for each its first place, and a claim in it."""
    bounds = values(column("first", LargeBinary), column("last", LargeBinary), name="bounds")
    rows = bounds.data([(b"", b"")] * width).cte("wanted")
    # The bounds come first, so that the database looks for each of them instead of walking over all claims.
    inside = and_(claim.c.place >= rows.c.first, claim.c.place <= rows.c.last)
    return texts.text(select(rows.c.first, claim.c.place, claim.c.value).select_from(rows.join(claim, inside)))


def find(run: Run, texts: ClaimTexts, keys: Collection[Digest]) -> dict[Digest, bytes]:
    """Find the values of claims; those that do not exist are left out."""
    places = {hash_bytes(key): key for key in keys}
    return {places[row[0]]: row[1] for part in chunks(list(places)) for row in run(texts.values[len(part)], part)}


def find_buckets(run: Run, texts: ClaimTexts, bounds: Collection[tuple[Digest, Digest]]) -> dict[Digest, list[Claim]]:
    """Read the claims of many buckets, by the first place of each; in order of their places."""
    buckets: dict[Digest, list[Claim]] = {first: [] for first, _ in bounds}
    for part in chunks(list(bounds)):
        # What the list is padded with would be read again.
        wanted = [*dict.fromkeys(part), *[_NOWHERE] * (len(part) - len(set(part)))]
        parameters = [place for pair in wanted for place in pair]
        for first, place, value in run(texts.buckets[len(part)], parameters):
            buckets[first].append((place, value))
    for claims in buckets.values():
        claims.sort()
    return buckets


def as_of(
    values: dict[Digest, bytes], earlier: Mapping[Digest, bytes | None], keys: Collection[Digest]
) -> dict[Digest, bytes]:
    """Put claims as they stood before later blocks in the place of what stands now. `earlier` is by place."""
    for key in keys if earlier else ():
        place = hash_bytes(key)
        if place in earlier:
            values.pop(key, None)
            value = earlier[place]
            if value is not None:
                values[key] = value
    return values


def bucket_as_of(
    found: list[Claim], earlier: Mapping[Digest, bytes | None], first: Digest, last: Digest
) -> list[Claim]:
    """Do so with the claims of a bucket, whose places lie from `first` to `last`."""
    if not earlier:
        return found
    claims: dict[Digest, bytes | None] = dict(found)
    claims |= {place: value for place, value in earlier.items() if first <= place <= last}
    return sorted((place, value) for place, value in claims.items() if value is not None)
