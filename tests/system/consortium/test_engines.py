"""One contract, two engines: what the embedded one answers, CometBFT's answers too, in the same receipts."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.party.bodies import KeyRevocation, RevokeKey
from hanse_ledger.kinds.refusals import SIGNATURE_INVALID, SIGNER_KEY_REVOKED, SIGNER_UNKNOWN
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import parse_checkpoint, verify_cosignature
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.values.errors import Malformed
from hanse_node.base.config import Config, Limits
from hanse_node.base.errors import Busy, CannotStart, Stopped
from hanse_node.base.folder import create_folder, open_folder
from hanse_node.base.receipts import Outcome, Receipt
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.entries import read_block
from hanse_node.store.reads import Published
from tests.system.stage.consortium import NAMES, PATIENCE_S, CometNode, genesis_of, make_nodes, seeds
from tests.system.stage.present import Present
from tests.world.node_ledger import key_of, look, public

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

LIMITS = Limits(verify_processes=0)


class EmbeddedNode:
    """A node with the embedded engine, with the same face as `CometNode`."""

    def __init__(self, path: Path, present: Present) -> None:
        self.path = path
        log_seed, cosigning_seed = seeds("market")
        config = Config(cosigner="market", limits=LIMITS)
        create_folder(path, present.genesis, log_seed=log_seed, cosigning_seed=cosigning_seed, config=config)
        self._opened = ExitStack()

    def start(self) -> None:
        """Open the ledger and start the engine."""
        folder = self._opened.enter_context(open_folder(self.path, {}))
        self.store, self.signer = start_ledger(folder, Present.clock)
        self._opened.callback(self.store.close)
        self.engine = EmbeddedEngine(self.store, self.signer, clock=Present.clock, bounds=LIMITS)
        self._opened.callback(self.engine.stop)
        self.engine.start()

    def send(self, *batch: Signed) -> list[Receipt]:
        """Submit a batch and wait for its receipts."""
        return self.engine.submit(batch).result(PATIENCE_S)

    def close(self) -> None:
        """Stop everything; may be called twice."""
        self._opened.close()


Node = EmbeddedNode | CometNode


@pytest.fixture
def present() -> Present:
    """Give a ledger of one cosigner that begins now."""
    return Present(genesis_of(["market"]))


@pytest.fixture(params=["embedded", "comet"])
def node(
    request: pytest.FixtureRequest, tmp_path: Path, present: Present, require_tool: Callable[[str], Path]
) -> Iterator[Node]:
    """Give a running node with either engine."""
    made: Node
    if request.param == "embedded":
        made = EmbeddedNode(tmp_path / "node", present)
    else:
        (made,) = make_nodes(tmp_path, require_tool("cometbft"), present, LIMITS)
    try:
        made.start()
        yield made
    finally:
        made.close()


def forged(present: Present) -> Signed:
    """Make an invoice whose signature is another record's."""
    good, other = present.invoices(2)
    return Signed(good.id, good.record, replace(good.envelope, signatures=other.envelope.signatures))


def test_each_record_is_answered_for_itself(node: Node, present: Present) -> None:
    """Created, refused by a rule, refused for its signature, repeated in the batch and repeated later: each says so."""
    node.send(*present.parties)
    first, last, third = present.invoices(3)
    unknown = present.sign(third.record.body, key_of("nobody"))
    batch = (first, unknown, forged(present), first, present.parties[0], last)
    receipts = node.send(*batch)
    assert [receipt.record for receipt in receipts] == [signed.id for signed in batch]
    assert [receipt.outcome for receipt in receipts] == [
        Outcome.CREATED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.EXISTS,
        Outcome.EXISTS,
        Outcome.CREATED,
    ]
    assert [receipt.position for receipt in receipts] == [4, None, None, 4, 1, 5]
    assert [receipt.height for receipt in receipts if receipt.outcome is not Outcome.REFUSED] == [2, 2, 1, 2]
    reasons = [receipt.refusal.reason for receipt in receipts if receipt.refusal is not None]
    assert reasons == [SIGNER_UNKNOWN, SIGNATURE_INVALID]
    assert node.send(last)[0] == replace(receipts[-1], outcome=Outcome.EXISTS, previous=None)


def test_an_answer_stands_under_a_signed_checkpoint(node: Node, present: Present) -> None:
    """When a receipt is given, the record is stored, and the newest checkpoint covers it and verifies."""
    for batch in (present.parties, present.invoices(1), present.invoices(2)):
        receipt = node.send(*batch)[0]
        position = look(node.store).find_record(batch[0].id)
        assert position is not None
        entry = look(node.store).entry(position)
        assert entry is not None
        assert (position, *read_block(entry)) == (receipt.position, receipt.height, receipt.time)
        published = node.store.published
        assert published is not None
        note = parse_note(published.note.encode())
        verify_cosignature(note, node.signer.vkeys()[1])
        assert parse_checkpoint(note.text).size == node.store.head.size > position


def test_refused_records_leave_no_entry(node: Node, present: Present) -> None:
    """A block of which nothing is accepted makes no group."""
    head = node.store.head
    stranger = present.sign(present.invoices(1)[0].record.body, key_of("nobody"))
    assert [receipt.outcome for receipt in node.send(stranger, forged(present))] == [Outcome.REFUSED] * 2
    assert node.send() == []
    assert node.store.head == head


def test_many_callers_share_blocks(node: Node, present: Present) -> None:
    """Batches that wait are committed together, each in order, and the whole ledger audits."""
    node.send(*present.parties)
    before = node.store.head.height
    answers = [node.engine.submit(present.invoices(10)) for _ in range(40)]
    for answer in answers:
        receipts = answer.result(PATIENCE_S)
        assert {receipt.outcome for receipt in receipts} == {Outcome.CREATED}
        first = receipts[0].position or 0
        assert [receipt.position for receipt in receipts] == list(range(first, first + 10))
    # How many share one is the engine's pace: on a slow machine all forty may.
    assert before < node.store.head.height <= before + 40
    assert audit(node.store).difference is None


def test_a_key_that_is_revoked_signs_nothing_more(node: Node, present: Present) -> None:
    """What a block changes is seen by the next one, through whatever is kept between them."""
    node.send(*present.parties)
    body = RevokeKey(
        compromised_since=None, key=public(key_of("seller")), party=present.seller, reason=KeyRevocation.CESSATION
    )
    assert node.send(present.sign(body, key_of("seller")))[0].outcome is Outcome.CREATED
    refused = node.send(*present.invoices(1))[0]
    assert refused.refusal is not None
    assert refused.refusal.reason is SIGNER_KEY_REVOKED


def test_a_batch_that_is_too_long_is_refused(node: Node, present: Present) -> None:
    """One batch is bounded, whatever room there is."""
    with pytest.raises(Malformed, match="at most 1000"):
        node.engine.submit([present.parties[0]] * 1_001)


def test_a_stopped_engine_takes_nothing_and_comes_back(node: Node, present: Present) -> None:
    """After a stop nothing more is taken; a new start goes on with everything that was answered."""
    node.send(*present.parties)
    first = present.invoices(1)[0]
    receipt = node.send(first)[0]
    node.engine.stop()
    with pytest.raises(Stopped):
        node.engine.submit(present.invoices(1))
    node.close()
    node.start()
    assert node.send(first)[0] == replace(receipt, outcome=Outcome.EXISTS, previous=None)
    assert node.send(*present.invoices(1))[0].outcome is Outcome.CREATED
    assert audit(node.store).difference is None


def test_four_nodes_hold_one_ledger(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Records sent to each of four nodes reach all of them; one that is killed and comes back catches up."""
    present = Present(genesis_of(NAMES))
    nodes = make_nodes(tmp_path, require_tool("cometbft"), present, LIMITS)
    with ExitStack() as running:
        for each in nodes:
            running.callback(each.close)
            each.start()
        nodes[0].send(*present.parties)
        for each in nodes:
            assert {receipt.outcome for receipt in each.send(*present.invoices(5))} == {Outcome.CREATED}
        nodes[3].close()
        for each in nodes[:3]:
            assert {receipt.outcome for receipt in each.send(*present.invoices(5))} == {Outcome.CREATED}
        nodes[3].start()
        assert nodes[3].send(*present.invoices(1))[0].outcome is Outcome.CREATED
        wait_until_equal(nodes)
        assert len({each.store.head.root for each in nodes}) == 1
        for each in nodes:
            assert audit(each.store).difference is None


def wait_until_equal(nodes: list[CometNode]) -> None:
    """Wait until every node has every block."""
    until = monotonic() + PATIENCE_S
    while len({each.store.head.size for each in nodes}) > 1:
        assert monotonic() < until


def test_an_engine_that_is_killed_is_started_again(
    tmp_path: Path, present: Present, require_tool: Callable[[str], Path]
) -> None:
    """The node notices, starts it anew, and goes on: what waits meanwhile is answered."""
    (node,) = make_nodes(tmp_path, require_tool("cometbft"), present, LIMITS)
    try:
        node.start()
        node.send(*present.parties)
        number = node.engine.process_number()
        assert number is not None
        os.kill(number, signal.SIGKILL)
        assert {receipt.outcome for receipt in node.send(*present.invoices(3))} == {Outcome.CREATED}
        assert node.engine.process_number() not in (None, number)
        assert node.engine.status().failure is None
    finally:
        node.close()


def until_failed(node: CometNode) -> str:
    """Wait until an engine has failed; give its reason."""
    until = monotonic() + PATIENCE_S
    while (reason := node.engine.status().failure) is None:
        assert monotonic() < until
        sleep(0.1)
    return reason


@pytest.fixture
def stopped(tmp_path: Path, present: Present, require_tool: Callable[[str], Path]) -> Iterator[CometNode]:
    """Give a node that has some blocks, stopped."""
    (node,) = make_nodes(tmp_path, require_tool("cometbft"), present, LIMITS)
    node.start()
    try:
        node.send(*present.parties)
        node.send(*present.invoices(3))
        node.close()
        yield node
    finally:
        node.close()


def test_an_engine_that_has_forgotten_is_not_followed(stopped: CometNode, present: Present) -> None:
    """The ledger holds more blocks than its engine: said, with what to do; once its data are back all goes on."""
    data, kept = stopped.path / "comet" / "data", stopped.path / "kept"
    data.rename(kept)
    data.mkdir(mode=0o700)
    (data / "priv_validator_state.json").write_text('{"height":"0","round":0,"step":0}')
    (data / "priv_validator_state.json").chmod(0o600)
    size = stopped.start_and_look()
    assert "the ledger holds more blocks than its engine knows" in until_failed(stopped)
    with pytest.raises(Stopped, match="more blocks"):
        stopped.engine.submit(present.invoices(1))
    stopped.close()
    shutil.rmtree(data)
    kept.rename(data)
    assert stopped.start_and_look() == size
    assert stopped.send(*present.invoices(1))[0].outcome is Outcome.CREATED


def test_a_ledger_that_is_behind_catches_up(stopped: CometNode, present: Present) -> None:
    """An older database gets its engine's blocks again; until then no head is signed that would go back."""
    before = stopped.path / "before.db"
    shutil.copy2(stopped.path / "ledger.db", before)
    stopped.start()
    stopped.send(*present.invoices(5))
    size, root = stopped.store.head.size, stopped.store.head.root
    stopped.close()
    shutil.copy2(before, stopped.path / "ledger.db")
    (stopped.path / "trees").unlink()
    stopped.start()
    until = monotonic() + PATIENCE_S
    while stopped.store.head.size < size:
        assert stopped.engine.status().failure is None
        assert monotonic() < until
        sleep(0.05)
    assert (stopped.store.head.size, stopped.store.head.root) == (size, root)
    assert stopped.send(*present.invoices(1))[0].outcome is Outcome.CREATED
    assert audit(stopped.store).difference is None


@pytest.mark.parametrize(
    "name", ["config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json"]
)
def test_a_missing_key_is_not_made_anew(stopped: CometNode, name: str) -> None:
    """CometBFT would make another one, and the node would be nobody; it does not start, and says which file."""
    (stopped.path / "comet" / name).unlink()
    with pytest.raises(CannotStart, match=f"{name} is missing"):
        stopped.start()


def test_another_network_s_genesis_is_refused(stopped: CometNode) -> None:
    """Of another chain, or of another first state, or none at all."""
    path = stopped.path / "comet" / "config" / "genesis.json"
    own = path.read_text()
    for changed in (
        own.replace('"chain_id": "hanse-', '"chain_id": "hanse-x'),
        own.replace('app_hash": "', 'app_hash": "00'),
    ):
        path.write_text(changed)
        with pytest.raises(CannotStart, match="this ledger's is"):
            stopped.start()
        stopped.close()
    path.write_text("{}")
    with pytest.raises(CannotStart, match="cannot be read"):
        stopped.start()


def test_a_changed_database_is_noticed(stopped: CometNode, present: Present) -> None:
    """A value that its owner has changed is found by an audit, and when a block touches it; nobody vouches for it."""
    with driver.connect(stopped.path / "ledger.db") as database:
        (data,) = database.execute("SELECT data FROM object WHERE number = 0").fetchone()
        changed = data[:-1] + bytes([data[-1] ^ 1])
        database.execute("UPDATE object SET data = ? WHERE number = 0", (changed,))
    (stopped.path / "trees").unlink()
    size = stopped.start_and_look()
    assert audit(stopped.store).difference is not None
    with suppress(Stopped, Busy):
        stopped.engine.submit(present.invoices(1)).result(PATIENCE_S)
    assert "object 0 is damaged" in until_failed(stopped)
    assert stopped.store.head.size == size


def test_exists_waits_for_its_head(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """What stands under no head that a quorum has signed is neither `created` nor, sent again, `exists`."""
    present = Present(genesis_of(["bank", "market"], quorum=2))
    nodes = make_nodes(tmp_path, require_tool("cometbft"), present, LIMITS)
    try:
        for node in nodes:
            node.start()
        market = nodes[1]
        first = market.engine.submit(present.parties)
        begun = monotonic()
        while market.store.head.size == 1:
            assert monotonic() < begun + PATIENCE_S
            sleep(0.05)
        # Without their fronts the two cannot vouch for each other's heads.
        again = market.engine.submit(present.parties)
        sleep(1)
        assert not first.done()
        assert not again.done()
        size = market.store.head.size
        assert market.engine._running is not None
        market.engine._running.vouching.reached(Published(size, "a head that both have signed"))
        created, exists = first.result(PATIENCE_S), again.result(PATIENCE_S)
        assert {each.outcome for each in created} == {Outcome.CREATED}
        assert {each.outcome for each in exists} == {Outcome.EXISTS}
        assert [each.position for each in exists] == [each.position for each in created]
        assert all(each.position is not None and each.position < size for each in exists)
    finally:
        for node in nodes:
            node.close()
