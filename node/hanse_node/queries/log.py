"""The log as C2SP has it: signed heads, tiles, and whose key verifies them."""

from hanse_ledger.proofs.heads import log_key
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import VerifierKey, parse_note
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH, parse_tile_path
from hanse_ledger.values.errors import Malformed
from hanse_ledger.wire.genesis import origin_of
from hanse_ledger.wire.membership import Cosigner, Membership
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.answers import Tile
from hanse_node.signing.cosign import write_policy
from hanse_node.store.reads import Published, standing_head
from hanse_node.store.sql import SqlLedgerStore
from hanse_node.store.tiles import HASH_BYTES


def newest_head(store: SqlLedgerStore) -> Published:
    """Give the newest signed head. What lies beyond it is not shown to anybody. Asked before anything is read."""
    published = store.published
    if published is None:
        raise StoreFailed("no head has been signed")
    return published


class Log:
    """Use cases about the log."""

    def __init__(self, store: SqlLedgerStore, notes: ReadNotes) -> None:
        self._store, self._notes = store, notes

    def checkpoint(self, caller: Caller) -> str:
        """Give the newest signed head, a C2SP note."""
        return newest_head(self._store).note

    def tile(self, caller: Caller, path: str) -> Tile | None:
        """Find a tile or a bundle of entries by its C2SP path, `tile/…`; nothing that no published size has."""
        try:
            level, index, width = parse_tile_path(path)
        except Malformed:
            return None
        size = newest_head(self._store).size
        filled = size if level == "entries" else size >> 8 * level
        if index * TILE_WIDTH + width > filled:
            return None
        with self._store.reading() as reads:
            if level == "entries":
                data = reads.entry_bundle(index, width)
            else:
                data = reads.tile(level, index)[: width * HASH_BYTES]
        if not data:
            raise StoreFailed(f"{path} is missing")
        if level == "entries":
            self._notes.note(caller, Way.LOG)
        return Tile(data, full=width == TILE_WIDTH)

    def key(self, caller: Caller) -> VerifierKey:
        """Give the key that verifies the log that this node shows."""
        with self._store.showing() as reads:
            membership = standing_head(reads).membership
        return log_key(self._store.ledger, self._shown(membership))

    def policy(self, caller: Caller) -> str:
        """Write the C2SP tlog-policy of the log that this node shows."""
        with self._store.showing() as reads:
            membership = standing_head(reads).membership
        return write_policy(self._store.ledger, membership, self._shown(membership))

    def _shown(self, membership: Membership) -> Cosigner:
        """Find whose log is shown: this node's own, or where it only follows, another's."""
        origin = parse_checkpoint(parse_note(newest_head(self._store).note.encode()).text).origin
        return next(
            cosigner for cosigner in membership.cosigners if origin_of(self._store.ledger, cosigner.id) == origin
        )
