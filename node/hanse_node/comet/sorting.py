"""What of a batch needs no block: false signatures, and records that stand already. The rest goes on its way."""

from collections.abc import Callable
from concurrent.futures import Future

from hanse_ledger.records.envelope import Signed
from hanse_node.base.errors import StoreFailed
from hanse_node.base.receipts import Receipt, refused, standing
from hanse_node.base.verifying import Refusals
from hanse_node.comet.covering import Covering, merge_receipts
from hanse_node.comet.poolway import Submission
from hanse_node.store.entries import read_block
from hanse_node.store.reads import standing_head
from hanse_node.store.sql import SqlLedgerStore


def sort_batch(
    store: SqlLedgerStore,
    covering: Covering,
    send: Callable[[Submission], None],
    batch: tuple[Signed, ...],
    who: str,
    answer: "Future[list[Receipt]]",
    verified: "Future[Refusals]",
) -> None:
    """Answer at once what needs no block, and send the rest; it reads the database.

    Args:
        store: where records stand.
        covering: holds back what is true under no signed head yet.
        send: takes what needs a block; from any thread.
        batch: the records.
        who: whose turn they wait for.
        answer: what their sender waits for: it is always given something.
        verified: for each, why its signatures are refused, or nil; it is done.
    """
    try:
        settled = _settle(store, batch, verified.result())
    except Exception as error:  # noqa: BLE001 (whatever it is, whoever waits is told)
        answer.set_exception(StoreFailed(f"the ledger cannot be read: {type(error).__name__}"))
        return
    left = [signed for place, signed in enumerate(batch) if place not in settled]
    if not left:
        covering.give(answer, [settled[place] for place in range(len(batch))])
        return
    waiting: Future[list[Receipt]] = Future()
    waiting.add_done_callback(lambda done: merge_receipts(answer, len(batch), settled, done))
    send(Submission(left, waiting, who))


def _settle(store: SqlLedgerStore, batch: tuple[Signed, ...], refusals: Refusals) -> dict[int, Receipt]:
    """Give the receipts that need no block, by the places of their records in the batch."""
    with store.reading() as reads:
        positions = reads.records({signed.id for signed in batch})
        head = standing_head(reads)
        old = {name: read_block(reads.entry(position) or b"") for name, position in positions.items()}
    settled: dict[int, Receipt] = {}
    for place, (signed, refusal) in enumerate(zip(batch, refusals, strict=True)):
        if refusal is not None:
            settled[place] = refused(signed.id, refusal, head.height, head.time)
        elif signed.id in positions:
            settled[place] = standing(signed.id, positions[signed.id], *old[signed.id])
    return settled
