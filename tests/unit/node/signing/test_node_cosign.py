"""Signing heads: what outside tools will read, and what a node never signs."""

from pathlib import Path

import pytest

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS
from hanse_ledger.tlog.checkpoint import parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.tlog.notes import VerifierKey, parse_note
from hanse_ledger.trees.merkle import Frontier
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.base.errors import CannotStart, EquivocationRefused, StoreFailed
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.base.twoslots import SLOT_BYTES
from hanse_node.signing.cosign import HeadSigner, write_policy
from hanse_node.store.tiles import grow, node_hash
from tests.world.node_ledger import GENESIS, HOUR, START, digest, fixed_clock, make_folder


class Log:
    """A log of leaves that differ by a word, and its heads."""

    def __init__(self, word: str, size: int, common: int = 0) -> None:
        leaves = [digest("common" if at < common else word, at) for at in range(size)]
        self.tiles = grow(lambda _level, _index: b"", 0, leaves)
        self.frontier = Frontier()
        for leaf in leaves:
            self.frontier.append(leaf)

    def node(self, level: int, index: int) -> bytes:
        """Read a node."""
        return node_hash(lambda *place: self.tiles.get(place, b""), level, index)

    @property
    def head(self) -> Tip:
        """Give the head, of which only the log counts here."""
        none = bytes(32)
        return Tip(
            size=self.frontier.size,
            height=1,
            time=START,
            last_entry=none,
            last_state=none,
            objects_count=0,
            objects_root=none,
            claims_root=none,
            membership=GENESIS.membership,
            proposals=NO_PROPOSALS,
            changes=(),
            pending={},
            log=self.frontier,
        )


@pytest.fixture
def folder(tmp_path: Path) -> NodeFolder:
    """Give an open folder."""
    return open_folder(make_folder(tmp_path / "node"), {})


def sign(folder: NodeFolder, log: Log, at: int = START + HOUR) -> str:
    """Sign a head as a node that has just been started."""
    return HeadSigner(folder, fixed_clock(at)).sign(log.head, log)


def test_a_checkpoint_verifies_with_the_published_keys(folder: NodeFolder) -> None:
    """Both signatures stand under the node's own origin, and the cosignature says when."""
    signer, log = HeadSigner(folder, fixed_clock()), Log("a", 300)
    note = parse_note(signer.sign(log.head, log).encode())
    log_key, cosigning_key = (VerifierKey.parse(str(key)) for key in signer.vkeys())
    checkpoint = parse_checkpoint(note.text)
    assert checkpoint.origin == signer.origin == f"{ledger_id(GENESIS).hex()}/market"
    assert (checkpoint.size, checkpoint.root) == (300, log.head.root)
    verify_log_signature(note, log_key)
    assert verify_cosignature(note, cosigning_key) == (START + HOUR) // 1000


def test_the_policy_names_log_witness_and_quorum(folder: NodeFolder) -> None:
    """The tlog-policy holds one log, the cosigners as witnesses, and their group as the quorum."""
    signer = HeadSigner(folder, fixed_clock())
    log_key, cosigning_key = signer.vkeys()
    (cosigner,) = GENESIS.membership.cosigners
    assert write_policy(ledger_id(GENESIS), GENESIS.membership, cosigner).splitlines() == [
        f"log {log_key}",
        f"witness {signer.origin} {cosigning_key}",
        f"group cosigners 1 {signer.origin}",
        "quorum cosigners",
    ]


def test_heads_that_extend_each_other_are_signed(folder: NodeFolder) -> None:
    """Growth is signed, by one run or by the next, and so is the same head again."""
    for size in (1, 5, 5, 256, 300, 1_000):
        sign(folder, Log("a", size))
    mark = HeadSigner(folder, fixed_clock()).mark
    assert mark is not None
    assert mark.size == 1_000


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (Log("a", 299), "was signed"),
        (Log("b", 300), "does not extend"),
        (Log("b", 301), "does not extend"),
        (Log("b", 900, common=299), "does not extend"),
    ],
)
def test_a_second_history_is_never_signed(folder: NodeFolder, log: Log, reason: str) -> None:
    """A smaller head, another one of the same size, and one that grew from something else are refused for ever."""
    sign(folder, Log("a", 300))
    for _ in range(2):
        with pytest.raises(EquivocationRefused, match=reason):
            sign(folder, log)
    sign(folder, Log("a", 300))


def test_a_log_that_lacks_hashes_is_not_signed(folder: NodeFolder) -> None:
    """When the tiles cannot show the growth, there is no signature."""
    sign(folder, Log("a", 300))
    log = Log("a", 600)
    log.tiles[0, 1] = b""
    with pytest.raises(EquivocationRefused, match="no complete subtree"):
        sign(folder, log)


def test_a_signature_never_looks_older(folder: NodeFolder) -> None:
    """A clock that was set back does not reach the signatures."""
    sign(folder, Log("a", 3))
    note = parse_note(sign(folder, Log("a", 4), START).encode())
    assert verify_cosignature(note, HeadSigner(folder, fixed_clock()).vkeys()[1]) == (START + HOUR) // 1000


def test_without_its_mark_on_disk_no_signature_leaves(folder: NodeFolder) -> None:
    """The high-water mark is written first; when it cannot be, nothing is signed and the old mark stands."""
    log = Log("a", 9)
    sign(folder, Log("a", 3))
    signer = HeadSigner(folder, fixed_clock())
    stored = folder.high_water.read_bytes()
    folder.high_water.unlink()
    with pytest.raises(StoreFailed, match="high-water mark"):
        signer.sign(log.head, log)
    folder.high_water.write_bytes(stored)
    mark = HeadSigner(folder, fixed_clock()).mark
    assert mark is not None
    assert mark.size == 3


@pytest.mark.parametrize("cut", [0, 1, 100, SLOT_BYTES - 1])
def test_a_torn_mark_leaves_the_one_before(folder: NodeFolder, cut: int) -> None:
    """A write that a loss of power cut short destroys no other mark: its signature has not left."""
    for size in (3, 4, 5):
        sign(folder, Log("a", size))
    before = folder.high_water.read_bytes()
    sign(folder, Log("a", 6))
    after = folder.high_water.read_bytes()
    changed = [
        at for at in range(0, len(after), SLOT_BYTES) if after[at : at + SLOT_BYTES] != before[at : at + SLOT_BYTES]
    ]
    assert len(changed) == 1
    at = changed[0]
    torn = before[:at] + after[at : at + cut] + before[at + cut :]
    folder.high_water.write_bytes(torn)
    mark = HeadSigner(folder, fixed_clock()).mark
    assert mark is not None
    assert mark.size == (5 if cut < SLOT_BYTES - 1 else 6)
    sign(folder, Log("a", 6))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b" ",
        lambda data: data.replace(b"/market", b"/marked"),
        lambda data: data.replace(b"highwater/2", b"highwater/3"),
        lambda data: b"",
        lambda data: bytes(5_000),
    ],
)
def test_a_damaged_mark_stops_the_start(folder: NodeFolder, change: object) -> None:
    """A mark that is not whole, or is another node's, is not guessed at."""
    sign(folder, Log("a", 3))
    assert callable(change)
    folder.high_water.write_bytes(change(folder.high_water.read_bytes()))
    with pytest.raises(CannotStart, match="high-water mark"):
        HeadSigner(folder, fixed_clock())
