"""One committed state of the ledger, for as long as a proof takes to make."""

from sqlalchemy import Connection

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds.object import Object
from hanse_ledger.trees.claims_map import ClaimProof
from hanse_ledger.trees.merkle import consistency_from_nodes, path_from_nodes
from hanse_ledger.values.types import Digest
from hanse_node.store.published import AsOf, StandingReads
from hanse_node.store.reads import Published
from hanse_node.store.statements import Statements
from hanse_node.store.trees import Trees


class Snapshot(StandingReads):
    """Everything as of one head: rows, object paths, claim proofs and log paths fit each other."""

    def __init__(
        self, connection: Connection, statements: Statements, as_of: AsOf, trees: Trees, published: Published | None
    ) -> None:
        super().__init__(connection, statements, as_of)
        self._trees, self._published = trees, published
        self.standing: Tip = as_of.head
        """The head that everything read here belongs to."""

    @property
    def signed_head(self) -> str | None:
        """The checkpoint of `standing`; nothing while it is not signed."""
        published = self._published
        return published.note if published is not None and published.size == self.standing.size else None

    def object_path(self, number: int, value: Object) -> list[Digest]:
        """Give the path from an object's leaf to `standing.objects_root`.

        Raises:
            StoreFailed: the value is not the one that the tree holds under this number.
        """
        self._trees.check(number, value)
        return self._trees.objects.path(number)

    def object_node(self, level: int, index: int) -> Digest:
        """Give a complete subtree of the object tree (see `merkle.TileReader`)."""
        return self._trees.objects.node(level, index)

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim as the claims map holds it."""
        return self._trees.claims.find(self, key)

    def claim_proof(self, key: Digest) -> ClaimProof:
        """Prove under `standing.claims_root` that a claim exists, or that it does not."""
        return self._trees.claims.prove(self, key)

    def log_path(self, position: int, size: int | None = None) -> list[Digest]:
        """Give the path from an entry to the log's root at a size; that of `standing` if none is given.

        Raises:
            IndexError: the log is not that long.
        """
        end = self.standing.size if size is None else size
        if not 0 <= position < end <= self.standing.size:
            raise IndexError(f"entry {position} does not stand in a log of {end} entries")
        return path_from_nodes(self, position, end)

    def consistency_path(self, old_size: int, new_size: int | None = None) -> list[Digest]:
        """Give the path that joins the log's roots at two sizes.

        Raises:
            IndexError: the log is not that long, or shrinks.
        """
        end = self.standing.size if new_size is None else new_size
        if not 0 <= old_size <= end <= self.standing.size:
            raise IndexError(f"the log of {self.standing.size} entries has not grown from {old_size} to {end}")
        return consistency_from_nodes(self, old_size, end)
