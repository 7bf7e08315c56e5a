"""What an entry must be in its place: the same requirements, and the same words, for whoever walks a ledger again.

`replay` walks in memory, entry by entry; a node walks into a database, and verifies signatures beside.
"""

from collections.abc import Sequence

from hanse_ledger.blocks.block import Block, BlockBuilder, Created, Refused, genesis_block
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis


def open_entry(position: int, data: bytes) -> RecordEntry | StateEntry:
    """Read the entry at a position. Raises ProofInvalid."""
    try:
        return decode_entry(data)
    except Malformed as error:
        raise ProofInvalid(f"entry {position}: {error.detail}") from error


def open_record(position: int, entry: RecordEntry) -> Signed:
    """Open the record in the entry at a position; its signatures are not verified. Raises ProofInvalid."""
    try:
        return open_decoded(entry.payload)
    except Malformed as error:
        raise ProofInvalid(f"entry {position}: {error}") from error


def check_first(genesis: Genesis, data: bytes) -> None:
    """Insist that a ledger begins with its genesis. Raises ProofInvalid."""
    if data != genesis_block(genesis).entries[0].data:
        raise ProofInvalid("entry 0: not the state entry of this ledger's genesis")


def check_time(position: int, at: Moment, before: Moment) -> None:
    """Insist that a block's time does not lie before that of the block before it. Raises ProofInvalid."""
    if at < before:
        raise ProofInvalid(f"entry {position}: its time lies before that of the block before")


def add_record(builder: BlockBuilder, position: int, signed: Signed) -> None:
    """Apply the record at a position. Raises ProofInvalid: the rules refuse it, or it stands already."""
    outcome = builder.add(signed)
    if isinstance(outcome, Refused):
        refusal = outcome.error
        raise ProofInvalid(f"entry {position}: the rules refuse it: {refusal.reason.value} {refusal.pointer}")
    if not isinstance(outcome, Created):
        raise ProofInvalid(f"entry {position}: its record stands at position {outcome.position} already")


def compare_block(block: Block | None, first: int, data: Sequence[bytes]) -> Block:
    """Hold a block that the rules write to the entries that are there.

    Args:
        block: what the builder has finished; nil where it has nothing to close.
        first: the position of the first of the entries.
        data: the block's entries, the last of which is its state entry.

    Raises:
        ProofInvalid: they are others. The message names the first.
    """
    if block is None:
        raise ProofInvalid(f"entry {first}: a state entry that closes no block")
    for position, (seen, row) in enumerate(zip(data, block.entries, strict=True), first):
        if seen != row.data:
            raise ProofInvalid(f"entry {position}: {_difference(seen, row.data)}")
    return block


def check_whole(size: int, left: int) -> None:
    """Insist that a ledger has entries, and ends with a block. Raises ProofInvalid.

    Args:
        size: how many entries it has.
        left: how many of them, at the end, lack their state entry.
    """
    if left:
        raise ProofInvalid(f"the ledger ends inside a block: {left} entries lack their state entry")
    if size == 0:
        raise ProofInvalid("the ledger has no entries: not even that of its genesis")


def _difference(seen: bytes, due: bytes) -> str:
    """Say in which field an entry differs from what the rules write."""
    left, right = decode_entry(seen), decode_entry(due)
    names = ("type", "position", "previous", "height", "time", "payload")
    for name in names:
        if encode(getattr(left, name)) != encode(getattr(right, name)):
            return f"its {name} is not what the rules write there"
    return "its bytes are not what the rules write there"
