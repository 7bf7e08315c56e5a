"""The trees over objects and claims: in memory while the node runs, in a file beside the database while it does not.

The file spares a clean start the reading of the whole state. It is a copy of what follows from the database: a start
that finds none, or one of another head, or a damaged one, builds the trees from the rows.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import select

from hanse_io.durable import SECRET_MODE
from hanse_ledger.blocks.block import Block, Tip
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.trees.claims_map import Claim, ClaimTree, depth_for
from hanse_ledger.trees.object_tree import ObjectTree, object_leaf
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.claims import claim
from hanse_node.store.index.objects import object_
from hanse_node.store.reads import Reads
from hanse_node.store.tiles import HASH_BYTES

log = logging.getLogger(__name__)

FORMAT = "hanse.trees/2"
HEADER_BYTES = 4_096

LEAST_DEPTH = 18
"""The claims map of a new ledger is deep enough for its first four million claims: 17 MB."""


class _Header(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's first line: the state whose trees follow, and the hash of all that follows."""

    format: str
    claims_bytes: int
    claims_depth: int
    claims_root: Digest
    objects_bytes: int
    objects_count: int
    objects_root: Digest
    checksum: Digest


_decoder = msgspec.json.Decoder(_Header)


class Trees(Struct):
    """The two trees of one committed state."""

    objects: ObjectTree
    claims: ClaimTree

    def check(self, number: int, value: Object) -> None:
        """Hold a stored object to the object tree. Raises StoreFailed."""
        known = number < self.objects.count
        if not known or object_leaf(value.id, object_value(value)) != self.objects.leaf(number):
            raise StoreFailed(f"object {number} is damaged: what is stored is not what the object tree holds")

    def copy(self) -> "Trees":
        """Make trees of the same state that change for themselves."""
        return Trees(self.objects.copy(), self.claims.copy())

    def apply(self, block: Block) -> None:
        """Take over what a committed block has changed."""
        self.objects.apply(block.object_nodes)
        self.claims.apply(block.staged_claims)


def open_trees(reads: Reads, head: Tip, saved: Path | None) -> Trees:
    """Take the trees of a head from the file, or build them from the rows.

    Raises:
        StoreFailed: a row is missing or damaged.
    """
    trees = None if saved is None else _load(saved, head)
    if trees is not None:
        return trees
    objects = ObjectTree.from_leaves(_leaves(reads))
    depth = max(LEAST_DEPTH, depth_for(reads.count(claim)))
    return Trees(objects, ClaimTree.from_claims(depth, _claims(reads)))


def outgrown(trees: Trees, reads: Reads) -> bool:
    """Tell whether there are so many claims that the next start should build a deeper map."""
    return depth_for(reads.count(claim)) > trees.claims.depth + 2


def save_trees(trees: Trees, path: Path) -> None:
    """Write the file, whole or not at all. It need not survive a loss of power. Raises OSError."""
    objects, claims = trees.objects.to_bytes(), trees.claims.to_bytes()
    header = _Header(
        format=FORMAT,
        claims_bytes=len(claims),
        claims_depth=trees.claims.depth,
        claims_root=trees.claims.root(),
        objects_bytes=len(objects),
        objects_count=trees.objects.count,
        objects_root=trees.objects.root(),
        checksum=hash_bytes(objects + claims),
    )
    beside = path.with_name(path.name + ".new")
    beside.touch(SECRET_MODE)
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(header) + b"\n")
        file.write(objects)
        file.write(claims)
    os.replace(beside, path)


def _load(path: Path, head: Tip) -> Trees | None:
    """Read the file, if it is there, of this head and whole."""
    try:
        with path.open("rb") as file:
            header = _decoder.decode(file.readline(HEADER_BYTES))
            if (header.format, header.objects_count, header.objects_root, header.claims_root) != (
                FORMAT,
                head.objects_count,
                head.objects_root,
                head.claims_root,
            ):
                return None
            data = file.read(header.objects_bytes + header.claims_bytes + 1)
    except FileNotFoundError:
        return None
    except (OSError, *UNREADABLE) as error:
        log.warning("the saved trees cannot be read and are built anew", exc_info=error)
        return None
    if len(data) != header.objects_bytes + header.claims_bytes or hash_bytes(data) != header.checksum:
        log.warning("the saved trees are damaged and are built anew")
        return None
    at = header.objects_bytes
    objects = ObjectTree.from_bytes(header.objects_count, data[:at])
    return Trees(objects, ClaimTree.from_bytes(header.claims_depth, data[at:]))


def _leaves(reads: Reads) -> Iterator[Digest]:
    """Read the leaves of the object tree in order. Raises StoreFailed if a number or a hash is missing."""
    rows = reads.rows(select(object_.c.number, object_.c.leaf).order_by(object_.c.number))
    for expected, (number, leaf) in enumerate(rows):
        if number != expected or len(leaf) != HASH_BYTES:
            raise StoreFailed(f"object {expected} is missing, or its leaf is damaged")
        yield bytes(leaf)


def _claims(reads: Reads) -> Iterator[Claim]:
    """Read the claims in order of their places. Raises StoreFailed if a place is damaged."""
    for place, value in reads.rows(select(claim.c.place, claim.c.value).order_by(claim.c.place)):
        if len(place) != HASH_BYTES:
            raise StoreFailed("the place of a claim is damaged")
        yield bytes(place), bytes(value)
