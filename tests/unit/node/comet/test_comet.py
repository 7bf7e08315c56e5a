"""CometBFT's side of the node without CometBFT: the wire, transactions, and blocks that come as they should not."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.misbehaviour.double_vote import chain_id
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import Malformed as Refused
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import ledger_id
from hanse_ledger.wire.membership import Cosigner
from hanse_node.base.folder import open_folder
from hanse_node.base.receipts import Outcome, Receipt
from hanse_node.base.verifying import Refusals, Verifiers
from hanse_node.comet.abci import connection as abci
from hanse_node.comet.abci.application import LATER, REFUSED, CometApplication, OutOfStep
from hanse_node.comet.abci.connection import MESSAGE_BYTES, AbciServer, frame, read_message
from hanse_node.comet.abci.hanse_abci_pb2 import Request, Response, ResponseProcessProposal
from hanse_node.comet.abci.poolshares import BATCH_BLOCKS, POOL_BATCHES
from hanse_node.comet.abci.snapshots import SnapshotTaker
from hanse_node.comet.abci.transactions import (
    TRANSACTION_BYTES,
    Batch,
    KnownTransactions,
    Opened,
    encode_transaction,
    open_transaction,
    read_transaction,
)
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.reads import Published
from hanse_node.store.sql import SqlLedgerStore
from tests.unit.node.access.test_node_quotas import forged
from tests.world.node_ledger import COSIGN, GENESIS, HOUR, PARTIES, START, digest, fixed_clock, invoice, make_folder

SALT = bytes(8)
CHAIN = "hanse-test"


def transaction(
    *records: Signed, salt: bytes = SALT, height: int = 0, by: bytes = COSIGN, member: str = "market"
) -> bytes:
    """Write records as a transaction of a member's, made at a height."""
    envelopes = [encode(each.envelope) for each in records]
    sign = SigningKey(by).sign
    return encode_transaction(
        Batch(member, height, salt, envelopes), ledger_id(GENESIS), lambda message: sign(message).signature
    )


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

    def check(self, data: bytes) -> int:
        """Offer a transaction to the pool; give the code of the answer."""
        return self.application.check_tx(Request(check_tx={"tx": data})).check_tx.code

    def proposed(self, height: int, *transactions: bytes, room: int = 2_000_000) -> list[bytes]:
        """Have it propose a block of what waits."""
        asked = {"txs": list(transactions), "max_tx_bytes": room, "height": height}
        return list(self.application.prepare_proposal(Request(prepare_proposal=asked)).prepare_proposal.txs)

    def accepts(self, height: int, *transactions: bytes) -> bool:
        """Tell whether it accepts another's proposal."""
        asked = Request(process_proposal={"txs": list(transactions), "height": height})
        status = self.application.process_proposal(asked).process_proposal.status
        return bool(status == ResponseProcessProposal.ACCEPT)

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


def of(member: str, *records: Signed, number: int = 0) -> bytes:
    """Write records as a transaction of one of four members."""
    return transaction(*records, salt=number.to_bytes(8, "big"), by=seed(member), member=member)


def seed(name: str) -> bytes:
    """Give the seed of a member's cosigning key."""
    return digest("cosign", name)


@pytest.fixture
def four(driver: Driver) -> Driver:
    """Give an application on a ledger of four members' nodes."""
    head = driver.store._head
    cosigners = tuple(
        Cosigner(
            cosigning_key=SigningKey(seed(name)).verify_key.encode(),
            id=name,
            log_key=SigningKey(digest("log", name)).verify_key.encode(),
            ml_dsa_key=None,
        )
        for name in ("bank", "chamber", "customs", "market")
    )
    driver.store._head = replace(head, membership=replace(head.membership, cosigners=cosigners))
    return driver


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
    assert driver.proposed(1, bad, good, false) == [good]
    assert driver.proposed(1, good, room=len(good)) == []
    assert driver.accepts(1, good)
    assert not driver.accepts(1, false)
    # What more than two thirds would have to have accepted changes nothing, on every node alike.
    results = driver.block(1, bad, false, good).finalize_block.tx_results
    assert [result.code for result in results] == [1, 0, 0]
    assert driver.store.head.size == 4


def test_one_member_s_batches_leave_room_for_another_s(four: Driver) -> None:
    """What one member puts in is bounded in the pool and in a block; what another does goes in beside it."""
    flood = [of("bank", invoice(0), number=number) for number in range(100)]
    taken = [data for data in flood if four.check(data) == 0]
    assert len(taken) == POOL_BATCHES
    assert four.check(flood[-1]) == LATER
    other = of("market", invoice(1))
    assert four.check(other) == 0
    assert other in four.proposed(1, *taken, other)
    # What stands in a block makes room, and does not come back.
    four.block(1, *taken[:10])
    assert four.check(flood[-1]) == 0
    assert four.check(taken[0]) == REFUSED
    assert taken[0] not in four.proposed(2, *taken)


def test_a_member_has_a_share_of_a_block(four: Driver) -> None:
    """A proposal in which one member has more than its share is rejected by everybody, and honest nodes make none."""
    many = [
        transaction(*[invoice(0)] * 400, salt=number.to_bytes(8, "big"), by=seed("bank"), member="bank")
        for number in range(4)
    ]
    other = of("market", invoice(1))
    assert four.proposed(1, *many, other) == [*many[:2], other]
    assert four.accepts(1, *many[:2], other)
    assert not four.accepts(1, *many[:3], other)
    assert not four.accepts(1, many[0], many[0])
    # One batch always goes in, however large.
    assert four.accepts(1, of("bank", *[invoice(0)] * 1_000))


def test_a_batch_is_its_member_s_alone(four: Driver) -> None:
    """Unsigned, signed by another, a stranger's, too old or from far ahead: neither pool nor proposal takes it."""
    good = of("market", invoice(1))
    wrong = [
        transaction(invoice(1), by=seed("bank")),
        transaction(invoice(1), by=seed("market"), member="nobody"),
        transaction(invoice(1), by=seed("market"), height=5_000),
        good.replace(good[-8:], bytes(8)),
        # Another wrapping of the same batch: the array's length written in five bytes.
        b"\xdd\x00\x00\x00\x02" + good[1:],
    ]
    for data in wrong:
        assert four.check(data) == REFUSED
        assert four.proposed(1, data) == []
        assert not four.accepts(1, data)
    assert four.accepts(1, good)
    assert four.accepts(BATCH_BLOCKS, good)
    assert not four.accepts(BATCH_BLOCKS + 1, good), "by then it would be another's to put it in again"
    future = transaction(invoice(1), by=seed("market"), height=7)
    assert not four.accepts(7, future)
    assert four.accepts(8, future)


def test_who_sends_what_is_not_sound_waits(four: Driver) -> None:
    """A node that signs a batch with a false record in it is not listened to for a while; the others are."""
    assert four.check(of("bank", forged(invoice(1)))) == REFUSED
    assert four.check(of("bank", invoice(1))) == LATER
    assert four.check(of("market", invoice(1))) == 0
    # Nobody else can bring that upon it.
    assert four.check(transaction(forged(invoice(2)), by=seed("bank"), member="customs")) == REFUSED
    assert four.check(of("customs", invoice(2))) == 0


NO_ENVELOPE = encode_transaction(Batch("market", 0, SALT, [b"x"]), ledger_id(GENESIS), lambda _: bytes(64))


@pytest.mark.parametrize("data", [b"", b"\xc1", bytes(TRANSACTION_BYTES + 1), NO_ENVELOPE])
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
    with pytest.raises(abci.BadMessage):
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
    known.learn(read_transaction(mine), Opened(tuple(PARTIES), [None] * len(PARTIES)))
    for _ in range(3):
        assert [each.id for each in known.open(read_transaction(mine), mine).batch] == [each.id for each in PARTIES]
        assert known.open(read_transaction(strange), strange).sound
    assert asked == [1]
