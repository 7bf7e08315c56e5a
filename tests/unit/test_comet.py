"""CometBFT's side of the node without CometBFT: the wire, transactions, and blocks that come as they should not."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from hanse_ledger.codec import encode
from hanse_ledger.doublevote import chain_id
from hanse_ledger.envelope import Signed
from hanse_ledger.errors import Malformed as Refused
from hanse_ledger.types import Digest
from hanse_node.cosign import HeadSigner
from hanse_node.engine.comet import abci
from hanse_node.engine.comet.abci import MESSAGE_BYTES, AbciServer, frame, read_message
from hanse_node.engine.comet.application import CometApplication, OutOfStep
from hanse_node.engine.comet.hanse_abci_pb2 import Request, Response, ResponseProcessProposal
from hanse_node.engine.comet.snapshots import SnapshotTaker
from hanse_node.engine.comet.transactions import (
    TRANSACTION_BYTES,
    KnownTransactions,
    Opened,
    encode_transaction,
    open_transaction,
)
from hanse_node.engine.receipts import Outcome, Receipt
from hanse_node.engine.verifying import Refusals, Verifiers
from hanse_node.folder import open_folder
from hanse_node.store.audit import audit
from hanse_node.store.reads import Published
from hanse_node.store.recovery import start_ledger
from hanse_node.store.sql import SqlLedgerStore
from tests.node_ledger import HOUR, PARTIES, START, fixed_clock, invoice, make_folder
from tests.unit.test_node_quotas import forged

SALT = bytes(8)
CHAIN = "hanse-test"


def transaction(*records: Signed, salt: bytes = SALT) -> bytes:
    """Write records as a transaction."""
    return encode_transaction(salt, [encode(each.envelope) for each in records])


class Driver:
    """Drives an application as the engine would."""

    def __init__(self, store: SqlLedgerStore, signer: HeadSigner, known: KnownTransactions, path: Path) -> None:
        self.store = store
        self.failures: list[str] = []
        self.told: list[tuple[Mapping[Digest, list[Receipt]], Published | None]] = []
        taker = SnapshotTaker(store, path / "snapshot.part", self.failures.append)
        self.application = CometApplication(store, signer, known, CHAIN, lambda *news: self.told.append(news), taker)

    def finalize(self, height: int, *transactions: bytes, at: int = START + HOUR) -> Response:
        """Bring a block."""
        time = {"seconds": at // 1_000, "nanos": at % 1_000 * 1_000_000}
        asked = Request(finalize_block={"height": height, "txs": list(transactions), "time": time})
        return self.application.finalize_block(asked)

    def commit_answer(self, height: int) -> Response:
        """Bring an empty block, and give the answer to its commit."""
        self.finalize(height)
        return self.application.commit(Request(commit={}))

    def block(self, height: int, *transactions: bytes) -> Response:
        """Bring a block, and commit it."""
        response = self.finalize(height, *transactions)
        self.application.commit(Request(commit={}))
        return response


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    """Give an application on a new ledger."""
    verifiers = Verifiers(1, 0)
    with open_folder(make_folder(tmp_path / "node"), {}) as folder:
        store, signer = start_ledger(folder, fixed_clock(), alone=False)
        made = Driver(store, signer, KnownTransactions(verifiers.submit), tmp_path)
        yield made
        made.application.close()
        store.close()
    verifiers.stop()


def test_blocks_become_groups(driver: Driver) -> None:
    """The application hash is the log's root; an empty block, and one of refused records, leaves it as it was."""
    first = driver.block(1, transaction(*PARTIES)).finalize_block
    assert first.app_hash == driver.store.head.root
    assert first.tx_results[0].code == 0
    second = driver.block(2).finalize_block
    third = driver.block(3, transaction(invoice(1, "nobody"))).finalize_block
    assert second.app_hash == third.app_hash == first.app_hash
    info = driver.application.info(Request(info={})).info
    assert (info.last_block_height, info.last_block_app_hash) == (3, first.app_hash)
    assert driver.store.head.height == 1
    driver.block(4, transaction(invoice(1)), transaction(invoice(1), invoice(2), salt=b"another "))
    receipts, signed = driver.told[-1]
    outcomes = [each.outcome for batch in receipts.values() for each in batch]
    assert outcomes == [Outcome.CREATED, Outcome.EXISTS, Outcome.CREATED]
    assert signed is not None
    assert signed.size == driver.store.head.size
    assert driver.store.published is None, "a head is shown to readers with its quorum alone"
    assert audit(driver.store).difference is None


def test_old_blocks_may_be_let_go(driver: Driver) -> None:
    """The engine is told from which height on its blocks are wanted; by default from the first."""
    assert driver.commit_answer(1).commit.retain_height == 0
    driver.application._keep_blocks = 2
    assert [driver.commit_answer(height).commit.retain_height for height in (2, 3, 4)] == [1, 2, 3]


def test_the_same_blocks_give_the_same_bytes(driver: Driver, tmp_path: Path) -> None:
    """Two nodes that are given the same blocks answer the same, and hold the same log."""
    verifiers = Verifiers(1, 0)
    blocks = [[transaction(*PARTIES)], [transaction(*(invoice(number) for number in range(20)))], []]
    with open_folder(make_folder(tmp_path / "other"), {}) as folder:
        store, signer = start_ledger(folder, fixed_clock(START + 2 * HOUR), alone=False)
        other = Driver(store, signer, KnownTransactions(verifiers.submit), tmp_path)
        for height, block in enumerate(blocks, 1):
            assert driver.block(height, *block) == other.block(height, *block)
        assert store.head == driver.store.head
        other.application.close()
        store.close()
    verifiers.stop()


def test_a_block_that_was_not_committed_comes_again(driver: Driver) -> None:
    """What was written for it is given up; the same block, or another one, takes its place."""
    driver.finalize(1, transaction(*PARTIES))
    again = driver.finalize(1, transaction(*PARTIES))
    driver.application.close()
    assert driver.store.head.size == 1
    assert driver.block(1, transaction(*PARTIES)) == again
    assert driver.store.head.size == 4


def test_blocks_out_of_step_are_refused(driver: Driver) -> None:
    """A block too early or too late, a commit of nothing, another ledger's chain: the node stops, and says why."""
    with pytest.raises(OutOfStep, match="brings block 2"):
        driver.finalize(2)
    with pytest.raises(OutOfStep, match="has not brought"):
        driver.application.commit(Request(commit={}))
    driver.block(1, transaction(*PARTIES))
    with pytest.raises(OutOfStep, match="brings block 1"):
        driver.finalize(1)
    with pytest.raises(OutOfStep, match="another-chain"):
        driver.application.init_chain(Request(init_chain={"chain_id": "another-chain"}))
    assert driver.application.init_chain(Request(init_chain={"chain_id": CHAIN})).init_chain.app_hash
    assert len(chain_id(bytes(32))) <= 50


def test_the_pool_and_the_validators_take_sound_transactions_alone(driver: Driver) -> None:
    """Malformed or falsely signed: not into the pool, not into a proposal, and a proposal with one is rejected."""
    good, bad, false = transaction(*PARTIES), b"rubbish", transaction(forged(invoice(1)))
    checked = [driver.application.check_tx(Request(check_tx={"tx": data})).check_tx.code for data in (good, bad, false)]
    assert checked == [0, 1, 1]
    prepared = driver.application.prepare_proposal(
        Request(prepare_proposal={"txs": [bad, good, false], "max_tx_bytes": 1_000_000})
    )
    assert list(prepared.prepare_proposal.txs) == [good]
    full = driver.application.prepare_proposal(Request(prepare_proposal={"txs": [good], "max_tx_bytes": len(good)}))
    assert list(full.prepare_proposal.txs) == []
    for data, status in ((good, ResponseProcessProposal.ACCEPT), (false, ResponseProcessProposal.REJECT)):
        answer = driver.application.process_proposal(Request(process_proposal={"txs": [data]}))
        assert answer.process_proposal.status == status
    # What more than two thirds would have to have accepted changes nothing, on every node alike.
    results = driver.block(1, bad, false, good).finalize_block.tx_results
    assert [result.code for result in results] == [1, 0, 0]
    assert driver.store.head.size == 4


@pytest.mark.parametrize("data", [b"", b"\xc1", bytes(TRANSACTION_BYTES + 1), encode_transaction(SALT, [b"x"])])
def test_what_is_no_transaction_is_refused(data: bytes) -> None:
    """Too long, not MessagePack, or with an envelope that is none."""
    with pytest.raises(Refused):
        open_transaction(data)


def feed(data: bytes) -> asyncio.StreamReader:
    """Give a stream that holds bytes, and ends."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@pytest.mark.parametrize("length", [0, 1, 127, 128, 300, 70_000])
def test_messages_are_framed(length: int) -> None:
    """What is written is read."""

    async def read() -> bytes:
        return await read_message(feed(frame(bytes(length))))

    assert asyncio.run(read()) == bytes(length)


@pytest.mark.parametrize("data", [b"\xff" * 10, frame(b"")[:-1] + b"\x80\x80\x80\x80\x10"])
def test_a_message_without_bounds_is_refused(data: bytes) -> None:
    """A length without an end, or beyond the bound."""

    async def read() -> bytes:
        return await read_message(feed(data))

    assert MESSAGE_BYTES < 1 << 32
    with pytest.raises(abci.Malformed):
        asyncio.run(read())


def test_the_server_answers_in_order(tmp_path: Path) -> None:
    """Echo, flush, a request that nobody answers, and one whose answer fails: which is told to the node."""
    failures: list[BaseException] = []

    def fail(_: Request) -> Response:
        raise ValueError("a bug")

    answers: dict[str, Callable[[Request], Response]] = {"info": lambda _: Response(info={"data": "x"}), "commit": fail}

    async def talk() -> list[Response]:
        server = AbciServer(tmp_path / "abci.sock", answers, failures.append)
        await server.start()
        reader, writer = await asyncio.open_unix_connection(tmp_path / "abci.sock")
        requests = [
            Request(echo={"message": "hello"}),
            Request(info={}),
            Request(flush={}),
            Request(query={}),
            Request(commit={}),
            Request(flush={}),
        ]
        writer.write(b"".join(frame(each.SerializeToString()) for each in requests))
        found = [Response.FromString(await read_message(reader)) for _ in requests]
        writer.close()
        await server.stop()
        return found

    kinds = [each.WhichOneof("value") for each in asyncio.run(talk())]
    assert kinds == ["echo", "info", "flush", "exception", "exception", "flush"]
    assert [str(each) for each in failures] == ["a bug"]


def test_a_transaction_is_verified_once() -> None:
    """What a node has verified before it sent it, or has seen once, is not verified again."""
    asked: list[int] = []

    def verify(batch: Sequence[Signed]) -> "Future[Refusals]":
        asked.append(len(batch))
        done: Future[Refusals] = Future()
        done.set_result([None] * len(batch))
        return done

    known = KnownTransactions(verify)
    mine, strange = transaction(*PARTIES), transaction(invoice(1))
    known.learn(mine, Opened(tuple(PARTIES), [None] * len(PARTIES)))
    for _ in range(3):
        assert [each.id for each in known.open(mine).batch] == [each.id for each in PARTIES]
        assert known.open(strange).sound
    assert asked == [1]
