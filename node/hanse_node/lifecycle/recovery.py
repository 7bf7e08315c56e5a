"""Starting on what a stop or a crash has left: check the end of the ledger, sign its head, or refuse.

The whole ledger is checked by `audit`; here as much as a start has time for.
"""

from collections.abc import Callable

from sqlalchemy import func, select

from hanse_ledger.blocks.block import Tip, genesis_block
from hanse_ledger.records.entry import StateEntry, decode_entry
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.genesis import members_hash
from hanse_ledger.wire.membership import Membership
from hanse_node.base.errors import CannotStart, EquivocationRefused, StoreFailed
from hanse_node.base.folder import HIGH_WATER, NodeFolder
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.sql import RESTORE, SqlLedgerStore, open_store
from hanse_node.store.tables import entry
from hanse_node.store.tiles import HASH_BYTES

TAIL_ENTRIES = 10_000
"""How many of the newest entries are hashed again at each start."""


def start_ledger(
    folder: NodeFolder, clock: Callable[[], Moment], *, alone: bool = True
) -> tuple[SqlLedgerStore, HeadSigner]:
    """Open a node's ledger, check its end, and sign its head.

    Args:
        folder: the open folder.
        clock: the present in milliseconds since 1970.
        alone: whether this node's signature is enough. If not, its engine signs the head, and collects the others'. A
            database that lacks what this node has signed may start then: it gets the blocks again.

    Returns:
        The store, and the signer that has signed its head: what an engine needs.

    Raises:
        CannotStart: something stands in the database that a crash cannot leave, or heads were signed that are not
            in it. Nothing has been changed.
    """
    signer = HeadSigner(folder, clock)
    store = open_store(folder.database, folder.genesis, fresh=signer.mark is None, alone=alone, saved=folder.trees)
    try:
        check_end(store)
        _check_standing(store.head.membership, signer, alone=alone, follows=folder.config.follow)
        if alone or not signer.ahead_of(store.head):
            _check_mark(store, signer)
        # A head that a crash left unsigned is signed here; for any other it is the idle head's next signature.
        if alone:
            store.sign_again(signer.sign)
    except StoreFailed as error:
        store.close()
        raise CannotStart(f"The database cannot be used: {error}", RESTORE) from error
    except (CannotStart, EquivocationRefused):
        store.close()
        raise
    return store, signer


def _check_standing(membership: Membership, signer: HeadSigner, *, alone: bool, follows: bool) -> None:
    """Insist that a node's signature counts, or that it need not. Raises CannotStart."""
    if not signer.in_force(membership) and not (follows and not alone):
        named = membership.cosigner(signer.cosigner) is not None
        raise CannotStart(
            f"The members name {signer.cosigner!r} with other keys"
            if named
            else f"The members name no such cosigner: {signer.cosigner!r} has left, or was never admitted",
            "Restore the node's own keys; or set `follow = true` in node.toml, to follow without a vote",
        )
    if alone and membership.parameters.quorum > 1:
        raise CannotStart(
            f"{membership.parameters.quorum} nodes must vouch for this ledger, and the embedded engine is one",
            'Run it with CometBFT: see docs/consortium.md, "Moving a ledger"',
        )


def check_end(store: SqlLedgerStore) -> None:
    """Check the head against the newest entries, the tiles, the object tree and the claims map.

    Raises:
        CannotStart: they do not fit each other. The reason names the first difference.
    """
    with store.present() as view:
        difference = _first_difference(store, view)
    if difference is not None:
        raise CannotStart(f"The database is damaged: {difference}", RESTORE)


def _first_difference(store: SqlLedgerStore, view: Snapshot) -> str | None:
    head = view.standing
    first = genesis_block(store.genesis).entries[0].data
    if view.entry(0) != first:
        return "its first entry is not that of the folder's genesis"
    size = next(view.rows(select(func.max(entry.c.position))))[0] + 1
    if size != head.size:
        return f"it holds {size} entries, but its head says {head.size}"
    difference = _tail(view, head)
    if difference is not None:
        return difference
    if store.members.as_of(view).membership != head.membership:
        return "the members are others than their own records lead to"
    try:
        root = root_from_nodes(view, head.size)
    except IndexError as error:
        return f"a tile is missing or too short: {error}"
    roots = (
        ("the tiles lead to another root than the head's", root, head.root),
        ("the object tree has another root than the head's", store.trees.objects.root(), head.objects_root),
        ("there are more or fewer objects than the head says", store.trees.objects.count, head.objects_count),
        ("the claims map has another root than the head's", store.trees.claims.root(), head.claims_root),
    )
    return next((text for text, seen, wanted in roots if seen != wanted), None)


def _tail(view: Reads, head: Tip) -> str | None:
    """Walk the newest entries: places, links, leaves, and at the end the state entry."""
    start = max(0, head.size - TAIL_ENTRIES)
    before = view.entry(start - 1) if start else None
    previous = None if before is None else hash_bytes(before)
    query = select(entry.c.position, entry.c.data, entry.c.leaf).where(entry.c.position >= start)
    data, tile, expected = b"", b"", start
    for position, data, leaf in view.rows(query.order_by(entry.c.position)):
        place = position % 256
        if place == 0 or not tile:
            tile = view.tile(0, position // 256)
        difference = _judge(expected, position, data, previous)
        if difference is not None:
            return f"entry {expected}: {difference}"
        if not leaf == hash_leaf(data) == tile[place * HASH_BYTES : (place + 1) * HASH_BYTES]:
            return f"entry {position}: its leaf, or its hash in the tile, is not that of its bytes"
        previous, expected = hash_bytes(data), position + 1
    return _judge_end(data, head)


def _judge(expected: int, position: int, data: bytes, previous: bytes | None) -> str | None:
    try:
        decoded = decode_entry(data)
    except Malformed as error:
        return error.detail
    if (position, decoded.position) != (expected, expected):
        return f"position {decoded.position} stands there at {position}"
    if previous is not None and decoded.previous != previous:
        return "it does not link to the entry before"
    return None


def _judge_end(data: bytes, head: Tip) -> str | None:
    last = decode_entry(data)
    if not isinstance(last, StateEntry):
        return "its last entry is not a state entry: the end of a block is missing"
    roots = last.payload
    seen = (last.position + 1, last.height, last.time, roots.objects_count, roots.objects_root, roots.claims_root)
    wanted = (head.size, head.height, head.time, head.objects_count, head.objects_root, head.claims_root)
    if roots.members != members_hash(head.membership):
        return "the members are others than its last entry says"
    if roots.proposals != head.proposals.root():
        return "the open proposals are others than its last entry says"
    if seen != wanted or not hash_bytes(data) == head.last_entry == head.last_state:
        return "its last entry is not the one that its head names"
    return None


def _check_mark(store: SqlLedgerStore, signer: HeadSigner) -> None:
    mark = signer.mark
    with store.reading() as reads:
        if mark is None:
            published = store.published
            # Who only follows shows others' heads, and signs none.
            if published is not None and published.note.startswith(f"{signer.origin}\n"):
                raise CannotStart(
                    f"{HIGH_WATER} is missing, though heads have been signed",
                    "Restore it from this node's own disk: without it the node could sign a second history",
                )
            return
        try:
            signer.check(standing_head(reads), reads)
        except EquivocationRefused as error:
            raise CannotStart(
                f"The database does not hold what this node has signed: {error}",
                "Bring the newest database of this node; a backup from before its last signature must not go on",
            ) from error
