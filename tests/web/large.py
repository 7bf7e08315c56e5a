"""A proof of thousands of records, made once: a seller whose every invoice is in its history."""

from functools import cache

from hanse_ledger.proofs.prooffile import EntryPart, ProofFile, write_proof
from hanse_ledger.trees import merkle
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders

GROUP = 200


class QuickMaker(ProofMaker):
    """Makes paths from the levels of the tree, which are computed once."""

    def __init__(self, corridor: Corridor) -> None:
        super().__init__(corridor)
        self._levels: list[list[Digest]] = [[hash_leaf(data) for data in self.entries]]
        while len(self._levels[-1]) > 1:
            self._levels.append(merkle._parents(self._levels[-1]))

    def _before(self, position: int) -> set[int]:
        """Find the enrolments of whom a record names: nobody's key changes here."""
        return {self._touches[name][0] for name in self._signed(position).record.refs}

    def entry(self, position: int) -> EntryPart:
        """Show an entry with its path."""
        path, index = [], position
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        return EntryPart(entry=self.entries[position], path=tuple(path))


@cache
def large_proof(records: int) -> tuple[bytes, bytes, int]:
    """Make a proof of so many records.

    Returns:
        The proof file, the trust file, and a moment soon after it was made.
    """
    corridor = traders()
    made = 0
    while made < records - 2:  # the enrolments of seller and buyer stand before them
        count = min(GROUP, records - 2 - made)
        corridor.apply_all([corridor.sign(corridor.make.invoice(made + each), "seller") for each in range(count)])
        made += count
    proof: ProofFile = QuickMaker(corridor).proof(corridor.id["seller"])
    return write_proof(proof), corridor.trust, corridor.head.time + 1_000
