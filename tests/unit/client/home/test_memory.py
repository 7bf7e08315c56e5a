"""The remembered heads: what makes a rollback and a fork visible."""

import os
import stat
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import cast

import anyio
import pytest
from msgspec.structs import replace

from hanse_client.base.errors import BadAnswer, ForkDetected, HanseError, LedgerChanged, RollbackDetected, SetupError
from hanse_client.base.threads import run_beside
from hanse_client.base.views import Head
from hanse_client.home.memory import Memory, SignersUnknown
from hanse_client.verify.heads import read_head
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, cosignature_line, cosignature_message, log_line
from hanse_ledger.tlog.notes import ED25519_COSIGNATURE, Note, VerifierKey, format_note
from hanse_ledger.trees.merkle import consistency_from_nodes, root_of
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.keys import ED25519
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.genesis import ledger_id, origin_of
from hanse_ledger.wire.membership import Cosigner, Membership
from tests.world.corridor_genesis import GENESIS, key_of

SECONDS = 1_790_000_000
NODES = ("operator", "other")


def make_trust(nodes: Sequence[str] = NODES, quorum: int = 1, name: str = "heads") -> TrustFile:
    """Trust some nodes, of which a quorum must sign."""
    cosigners = tuple(
        Cosigner(
            cosigning_key=bytes(key_of(f"{node} cosigner").verify_key),
            id=node,
            log_key=bytes(key_of(f"{node} log").verify_key),
            ml_dsa_key=None,
        )
        for node in nodes
    )
    parameters = replace(GENESIS.membership.parameters, quorum=quorum)
    membership = replace(GENESIS.membership, cosigners=cosigners, parameters=parameters)
    return read_trust(write_trust(replace(GENESIS, membership=membership, name=name)))


TRUST = make_trust()


def log_of(size: int, branch: str = "") -> list[Digest]:
    """Make the leaves of a log; those of a branch differ from the fifth on."""
    return [hash_leaf(f"{branch if number >= 4 else ''}{number}".encode()) for number in range(size)]


def note_of(
    leaves: Sequence[Digest], node: str = "operator", *, cosigners: Sequence[str] = (), trust: TrustFile = TRUST
) -> bytes:
    """Sign the head of a log as a node, cosigned by itself unless others are named."""
    origin = origin_of(trust.ledger, node)
    body = body_text(Checkpoint(origin, len(leaves), root_of(leaves)))
    log = key_of(f"{node} log")
    lines = [log_line(VerifierKey(origin, ED25519, bytes(log.verify_key)), log.sign(body.encode()).signature)]
    for cosigner in cosigners or (node,):
        key = key_of(f"{cosigner} cosigner")
        name = VerifierKey(origin_of(trust.ledger, cosigner), ED25519_COSIGNATURE, bytes(key.verify_key))
        lines.append(cosignature_line(name, SECONDS, key.sign(cosignature_message(SECONDS, body)).signature))
    return format_note(Note(body, tuple(lines)))


def head_of(leaves: Sequence[Digest], node: str = "operator") -> Head:
    """Make a verified head."""
    return read_head(note_of(leaves, node), TRUST)


class Leaves:
    """Gives the nodes of a tree from its leaves."""

    def __init__(self, leaves: Sequence[Digest]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> Digest:
        """Hash a complete subtree."""
        return root_of(self._leaves[index << level : (index + 1) << level])


async def remember(memory: Memory, leaves: Sequence[Digest], node: str = "operator") -> None:
    """Show a head to the memory as a node would, and prove from its own leaves."""
    before = await memory.heads()
    await show(memory, leaves, before, node)


async def show(memory: Memory, leaves: Sequence[Digest], before: dict[str, Head], node: str = "operator") -> None:
    """Show a head that was asked for when the memory was as before."""

    async def prove(old: Head, new: Head) -> list[Digest]:
        return consistency_from_nodes(Leaves(leaves), old.size, new.size)

    await memory.remember(head_of(leaves, node), before, prove)


def sizes(memory: Memory) -> dict[str, int]:
    """Name the remembered sizes by node."""
    return {origin.partition("/")[2]: head.size for origin, head in anyio.run(memory.heads).items()}


def test_a_growing_log_is_remembered(tmp_path: Path) -> None:
    """Each larger head that extends the last takes its place, also for the next program, in a private file."""
    for size in (1, 2, 2, 5, 300):
        anyio.run(remember, Memory(tmp_path, TRUST), log_of(size))
        assert sizes(Memory(tmp_path, TRUST)) == {"operator": size}
    path = tmp_path / "heads" / f"{TRUST.ledger.hex()}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [name for name in os.listdir(path.parent) if name.endswith(".part")]


def test_a_smaller_head_is_a_rollback(tmp_path: Path) -> None:
    """A node that has shown nine entries cannot go back to eight; both signed notes are in the alarm."""
    memory = Memory(tmp_path, TRUST)
    anyio.run(remember, memory, log_of(9))
    with pytest.raises(RollbackDetected) as caught:
        anyio.run(remember, memory, log_of(8))
    assert (caught.value.remembered, caught.value.seen) == (note_of(log_of(9)), note_of(log_of(8)))
    assert sizes(memory) == {"operator": 9}


@pytest.mark.parametrize("size", [9, 10, 16, 300])
def test_another_history_is_a_fork(tmp_path: Path, size: int) -> None:
    """A head of the same size or a larger one, over other entries, is a fork; the memory stays as it was."""
    memory = Memory(tmp_path, TRUST)
    anyio.run(remember, memory, log_of(9))
    with pytest.raises(ForkDetected) as caught:
        anyio.run(remember, memory, log_of(size, "other "))
    assert (caught.value.remembered, caught.value.seen) == (note_of(log_of(9)), note_of(log_of(size, "other ")))
    assert sizes(memory) == {"operator": 9}


def test_an_answer_that_was_overtaken_is_no_rollback(tmp_path: Path) -> None:
    """An older answer that arrives after a newer one is compared with it, and only then passes."""

    async def overtake(branch: str) -> None:
        memory = Memory(tmp_path / branch, TRUST)
        await remember(memory, log_of(4))
        before = await memory.heads()
        await remember(memory, log_of(9))
        leaves = log_of(9) if not branch else log_of(6, branch)

        async def prove(old: Head, new: Head) -> list[Digest]:
            return consistency_from_nodes(Leaves(leaves), old.size, new.size) if not branch else []

        await memory.remember(head_of(log_of(6, branch)), before, prove)

    anyio.run(overtake, "")
    assert sizes(Memory(tmp_path, TRUST)) == {"operator": 9}
    with pytest.raises(ForkDetected):
        anyio.run(overtake, "other ")


def test_a_node_behind_another_is_no_rollback(tmp_path: Path) -> None:
    """Each node is held to its own heads at once, and to those of others when it has got as far."""
    memory = Memory(tmp_path, TRUST)
    anyio.run(remember, memory, log_of(9))
    anyio.run(remember, memory, log_of(5), "other")
    assert sizes(memory) == {"operator": 9, "other": 5}
    with pytest.raises(RollbackDetected):
        anyio.run(remember, memory, log_of(4), "other")
    with pytest.raises(ForkDetected):
        anyio.run(remember, memory, log_of(12, "branch "), "other")
    anyio.run(remember, memory, log_of(12), "other")
    assert sizes(memory) == {"operator": 9, "other": 12}


def test_a_known_root_needs_no_further_proof(tmp_path: Path) -> None:
    """Where a receipt has shown what the log's root was at the remembered size, nothing is fetched."""
    memory = Memory(tmp_path, TRUST)
    anyio.run(remember, memory, log_of(9))

    async def know(branch: str) -> None:
        async def prove(old: Head, new: Head) -> list[Digest]:
            raise BadAnswer(f"asked for {old.size} to {new.size}")

        leaves = log_of(12, branch)
        roots = {9: root_of(leaves[:9])}
        await memory.remember(head_of(leaves), await memory.heads(), prove, roots)

    with pytest.raises(BadAnswer, match="asked for 9 to 12"):
        anyio.run(know, "branch ")
    anyio.run(know, "")
    assert sizes(memory) == {"operator": 12}


@pytest.mark.parametrize("data", [b"", b"{}", b'{"@type":"hanse.heads/9","notes":[]}', b"\x00", None])
def test_a_damaged_memory_is_not_forgotten(tmp_path: Path, data: bytes | None) -> None:
    """A memory that was cut or changed stops the client; starting anew would be a way to make it forget."""
    memory = Memory(tmp_path, TRUST)
    anyio.run(remember, memory, log_of(9))
    path = tmp_path / "heads" / f"{TRUST.ledger.hex()}.json"
    path.write_bytes(path.read_bytes().replace(b"\\n9\\n", b"\\n7\\n") if data is None else data)
    for asked in (memory, memory, fresh := Memory(tmp_path, TRUST), fresh):
        with pytest.raises(SetupError):
            anyio.run(asked.heads)


class Fewer:
    """The trust of before a node was admitted."""

    ledger = TRUST.ledger

    def at(self, size: int) -> Membership:
        """Name the members but for the last cosigner."""
        membership = TRUST.at(size)
        return replace(membership, cosigners=membership.cosigners[:1])


def test_heads_of_members_who_are_not_known_yet_are_kept(tmp_path: Path) -> None:
    """Whoever must follow the members first finds the heads again, and nothing has taken their place."""
    memory = Memory(tmp_path, TRUST)
    anyio.run(remember, memory, log_of(9))
    anyio.run(remember, memory, log_of(5), "other")
    late = Memory(tmp_path, cast(TrustFile, Fewer()))
    for _ in range(2):
        with pytest.raises(SignersUnknown):
            anyio.run(late.heads)
    late.follow(TRUST)
    assert sizes(late) == {"operator": 9, "other": 5}
    with pytest.raises(RollbackDetected):
        anyio.run(remember, late, log_of(4), "other")


def test_programs_remember_together(tmp_path: Path) -> None:
    """Several programs that ask a growing log at once raise no false alarm, and leave the largest head."""
    whole, growth = log_of(60), count(1)
    alarms: list[Exception] = []

    async def ask(memory: Memory) -> None:
        before = await memory.heads()
        size = next(growth)  # the log grows by one each time somebody asks, so that answers overtake each other

        async def prove(old: Head, new: Head) -> list[Digest]:
            return consistency_from_nodes(Leaves(whole), old.size, new.size)

        await memory.remember(head_of(whole[:size]), before, prove)

    def program() -> None:
        memory = Memory(tmp_path, TRUST)  # whose first head is flushed, and whose others are written in place

        async def work() -> None:
            for _ in range(15):
                await ask(memory)

        try:
            anyio.run(work)
        except HanseError as error:
            alarms.append(error)

    threads = [Thread(target=program) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alarms == []
    assert sizes(Memory(tmp_path, TRUST)) == {"operator": 60}


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (note_of(log_of(3), cosigners=["stranger"]), "0 of 2 cosigners"),
        (note_of(log_of(3)).replace(b"\n3\n", b"\n4\n"), "signature"),
        (note_of(log_of(3), "stranger", cosigners=["operator"]), "of no cosigner"),
        (b"", "note"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_head_that_nobody_vouches_for_is_refused(note: bytes, says: str) -> None:
    """A head of a stranger, without a quorum, or changed after it was signed is a bad answer."""
    with pytest.raises(BadAnswer, match=says):
        read_head(note, TRUST)


def test_a_head_of_another_ledger_is_told_apart() -> None:
    """A head of another ledger is named as such: the address may be wrong, or the ledger was set up anew."""
    elsewhere = make_trust(name="elsewhere")
    assert ledger_id(elsewhere.genesis) != TRUST.ledger
    with pytest.raises(LedgerChanged, match="serves the ledger"):
        read_head(note_of(log_of(3), trust=elsewhere), TRUST)


def test_the_quorum_counts_cosigners() -> None:
    """With a quorum of two, one node's signatures are not enough, and a witness's line counts for nothing."""
    trust = make_trust(quorum=2)
    with pytest.raises(BadAnswer, match="1 of 2"):
        read_head(note_of(log_of(3), cosigners=["operator", "witness"], trust=trust), trust)
    head = read_head(note_of(log_of(3), cosigners=["operator", "other", "witness"], trust=trust), trust)
    assert (head.vouchers, head.signed_at_seconds) == (("operator", "other"), SECONDS)


async def remember_twice(home: Path) -> None:
    """Show two heads within a second: one is flushed, the other stands beside it."""
    memory = Memory(home, TRUST)
    await remember(memory, log_of(4))
    await remember(memory, log_of(9))


def files_of(home: Path) -> tuple[Path, Path]:
    """Name the file that is flushed, and the one that is not."""
    path = home / "heads" / f"{TRUST.ledger.hex()}.json"
    return path, path.with_suffix(".newer")


def test_what_comes_within_a_second_is_written_and_not_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each head is on disk for other programs when it was remembered; only the first one of a second waits for it."""
    flushed, real = list[int](), os.fsync

    def count(handle: int) -> None:
        flushed.append(handle)
        real(handle)

    monkeypatch.setattr(os, "fsync", count)
    anyio.run(remember_twice, tmp_path)
    path, newer = files_of(tmp_path)
    assert len(flushed) == 1
    assert newer.exists()
    assert path.read_bytes() != newer.read_bytes()
    assert sizes(Memory(tmp_path, TRUST)) == {"operator": 9}
    with pytest.raises(RollbackDetected):
        anyio.run(remember, Memory(tmp_path, TRUST), log_of(8))


@pytest.mark.parametrize("left", [None, b"", b"\0" * 900, b'{"@type":"hanse.heads/1","notes":[]}', b"torn", b"cut"])
def test_a_loss_of_power_brings_back_the_head_of_a_second_before(tmp_path: Path, left: bytes | None) -> None:
    """What was not flushed may be gone, empty or torn: then what was flushed is what is remembered."""
    anyio.run(remember_twice, tmp_path)
    _, newer = files_of(tmp_path)
    if left is None:
        newer.unlink()
    else:
        whole = newer.read_bytes()
        newer.write_bytes({b"torn": whole[:-40] + b"0" * 40, b"cut": whole[:-1]}.get(left, left))
    memory = Memory(tmp_path, TRUST)
    assert sizes(memory) == {"operator": 4}
    anyio.run(remember, memory, log_of(12))
    assert sizes(Memory(tmp_path, TRUST)) == {"operator": 12}


def test_an_older_newer_file_takes_nothing_back(tmp_path: Path) -> None:
    """What was flushed since is newer than what stood beside it."""
    anyio.run(remember_twice, tmp_path)
    anyio.run(remember, Memory(tmp_path, TRUST), log_of(12))
    assert sizes(Memory(tmp_path, TRUST)) == {"operator": 12}


def test_what_a_longer_one_has_left_is_passed_over(tmp_path: Path) -> None:
    """A file that is written over keeps the end of a longer one before it, whenever the writer is killed."""
    anyio.run(remember_twice, tmp_path)
    _, newer = files_of(tmp_path)
    newer.write_bytes(newer.read_bytes() + b'"left]}')
    assert sizes(Memory(tmp_path, TRUST)) == {"operator": 9}


def test_a_memory_that_is_removed_knowingly_is_gone(tmp_path: Path) -> None:
    """Without the file that is flushed, the one beside it counts for nothing."""
    anyio.run(remember_twice, tmp_path)
    path, _ = files_of(tmp_path)
    path.unlink()
    assert sizes(Memory(tmp_path, TRUST)) == {}


def test_nobody_reads_half_of_what_is_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks while another one's reading is under way in a thread gets all of it too, and not nothing."""
    anyio.run(remember, Memory(tmp_path, TRUST), log_of(9))
    memory, begun, go_on = Memory(tmp_path, TRUST), Event(), Event()

    def slowly(note: bytes, trust: TrustFile) -> Head:
        begun.set()
        assert go_on.wait(10)
        return read_head(note, trust)

    monkeypatch.setattr("hanse_client.home.memory.read_head", slowly)
    found = list[dict[str, Head]]()

    async def ask() -> None:
        found.append(await memory.heads())

    async def both() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await run_beside(begun.wait, 10)
            tasks.start_soon(ask)
            await anyio.sleep(0.05)
            assert found == []
            go_on.set()

    anyio.run(both)
    assert [[head.size for head in heads.values()] for heads in found] == [[9], [9]]
