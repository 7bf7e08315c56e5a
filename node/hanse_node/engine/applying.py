"""Applying batches to a block: the same for every engine, and so are the receipts."""

from collections.abc import Sequence

from hanse_ledger.blocks.block import BlockBuilder, Created, Exists, Refused
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import Moment, RecordId
from hanse_node.base.receipts import Outcome, Receipt, refused, standing
from hanse_node.base.verifying import Refusals
from hanse_node.store.nextblock import Work


def apply_batch(
    batch: Sequence[Signed], refusals: Refusals, builder: BlockBuilder, work: Work, at: Moment
) -> list[Receipt]:
    """Apply a batch's records in order. The receipts are true once the block is committed.

    Args:
        batch: the records.
        refusals: for each, why its signatures were refused, or nil.
        builder: the block that they join, begun on this work.
        work: the transaction in which it is built.
        at: the block's time.
    """
    height = work.head.height + 1
    receipts = []
    for signed, refusal in zip(batch, refusals, strict=True):
        outcome = Refused(refusal) if refusal is not None else builder.add(signed)
        match outcome:
            case Created(position, previous):
                receipt = Receipt(
                    record=signed.id,
                    outcome=Outcome.CREATED,
                    position=position,
                    height=height,
                    time=at,
                    previous=previous,
                )
            case Exists(position):
                receipt = _standing(signed.id, position, work, at)
            case Refused(error):
                receipt = refused(signed.id, error, height, at)
        receipts.append(receipt)
    return receipts


def _standing(record: RecordId, position: int, work: Work, at: Moment) -> Receipt:
    earlier = position < work.head.size
    return standing(record, position, *(work.state.block(position) if earlier else (work.head.height + 1, at)))
