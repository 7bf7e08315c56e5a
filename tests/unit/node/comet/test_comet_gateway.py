"""The way into the engine's pool: what does not fit into a transaction goes in parts, and ends nothing."""

import asyncio
import base64
from concurrent.futures import Future
from typing import cast

import msgspec
from msgspec.structs import replace

from hanse_ledger.records.envelope import Signed
from hanse_node.base.receipts import Receipt, standing
from hanse_node.base.verifying import Refusals
from hanse_node.comet.abci.transactions import (
    TRANSACTION_BYTES,
    Batch,
    KnownTransactions,
    encode_transaction,
    read_transaction,
)
from hanse_node.comet.poolway import PoolGateway, Submission
from hanse_node.comet.rpc import EngineRpc
from tests.world.node_ledger import START, invoice

LEDGER = bytes(32)
LARGE = 30_000


class Engine:
    """Takes every transaction into its pool."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def pass_on(self, question: bytes, _most: int) -> bytes:
        """Take a transaction."""
        self.sent.append(base64.b64decode(msgspec.json.decode(question)["params"]["tx"]))
        return b'{"result":{"code":0}}'


def wrap(envelopes: list[bytes]) -> bytes:
    """Make a transaction."""
    return encode_transaction(Batch("market", 0, bytes(8), envelopes), LEDGER, lambda _: bytes(64))


def unasked(_: object) -> "Future[Refusals]":
    """Verify nothing."""
    raise AssertionError("what is sent was verified before")


def large(count: int) -> list[Signed]:
    """Make records of 30,000 bytes each."""
    made = map(invoice, range(count))
    return [replace(signed, envelope=replace(signed.envelope, payload=bytes(LARGE))) for signed in made]


def test_a_batch_beyond_a_transaction_goes_in_parts() -> None:
    """Megabytes of records are one answer, each part sent when the one before is committed; the gateway goes on."""
    batch = large(TRANSACTION_BYTES // LARGE + 10)

    async def main() -> list[Receipt]:
        engine, place, committed = Engine(), 0, 0
        gateway = PoolGateway(cast("EngineRpc", engine), KnownTransactions(unasked), wrap)
        running = asyncio.create_task(gateway.run())
        answer: Future[list[Receipt]] = Future()
        gateway.submit(Submission(batch, answer))
        async with asyncio.timeout(5):
            while not answer.done():
                await asyncio.sleep(0.01)
                assert not running.done(), "one sender's batch ends the way of all"
                if len(engine.sent) == committed:
                    continue
                committed += 1
                assert len(engine.sent) == committed, "a part is sent before the one that it may rest on"
                found = read_transaction(engine.sent[-1])
                part = batch[place : place + found.records]
                gateway.committed(
                    {found.name: [standing(each.id, place + at, 1, START) for at, each in enumerate(part)]}
                )
                place += found.records
        running.cancel()
        assert committed >= 2
        return answer.result()

    receipts = asyncio.run(main())
    expected = [(signed.id, place) for place, signed in enumerate(batch)]
    assert [(each.record, each.position) for each in receipts] == expected
