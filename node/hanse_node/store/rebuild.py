"""Writing a ledger's database anew from its entries, each rule and signature checked on the way.

Objects, claims, tiles, records and histories follow from the entries alone; checkpoints do not, and
are signed anew.
"""

from collections.abc import Iterable

from hanse_ledger.entry import RecordEntry, decode_entry
from hanse_ledger.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.group import Created, GroupBuilder, Refused
from hanse_ledger.types import Moment
from hanse_node.store.sql import SqlLedgerStore


def rebuild(store: SqlLedgerStore, entries: Iterable[bytes]) -> None:
    """Write entries into a store that holds the genesis alone, group by group.

    Args:
        store: the new store.
        entries: the bytes of each entry, from position 0 on. A group at the end that lacks its state entry is left out.

    Raises:
        ProofInvalid: an entry is not what the rules write in its place. What came before it stands.
        StoreFailed: the database refused.
    """
    data: list[bytes] = []
    batch: list[Signed] = []
    for position, each in enumerate(entries):
        try:
            entry = decode_entry(each)
            data.append(each)
            if isinstance(entry, RecordEntry):
                signed = open_decoded(entry.payload)
                verify_envelope(signed)
                batch.append(signed)
                continue
        except (Malformed, Rejected) as error:
            raise ProofInvalid(f"entry {position}: {error}") from error
        if position == 0:
            if each != store.entry(0):
                raise ProofInvalid("entry 0: not the state entry of this ledger's genesis")
        else:
            _append(store, batch, data, entry.time)
        data, batch = [], []


def _append(store: SqlLedgerStore, batch: list[Signed], data: list[bytes], at: Moment) -> None:
    with store.work() as work:
        first = work.head.size
        if at < work.head.time:
            raise ProofInvalid(f"entry {first}: its time lies before that of the group before")
        work.state.prefetch(batch)
        builder = GroupBuilder(store.ledger, work.head, work.state, at)
        for offset, signed in enumerate(batch):
            outcome = builder.add(signed)
            if isinstance(outcome, Refused):
                raise ProofInvalid(f"entry {first + offset}: the rules refuse its record: {outcome.error}")
            if not isinstance(outcome, Created):
                raise ProofInvalid(f"entry {first + offset}: its record stands already")
        group = work.finish(builder)
        if group is None:
            raise ProofInvalid(f"entry {first}: a state entry that closes no group")
        for offset, (seen, row) in enumerate(zip(data, group.entries, strict=True)):
            if seen != row.data:
                raise ProofInvalid(f"entry {first + offset}: its bytes are not what the rules write there")
        work.append(group)
