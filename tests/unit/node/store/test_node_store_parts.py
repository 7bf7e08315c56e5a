"""The small parts of the store: the head's form, what is kept between groups, the gate."""

import time
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds.member.proposals import OpenProposals, Proposal
from hanse_ledger.trees.merkle import Frontier
from hanse_node.base.errors import StoreFailed
from hanse_node.store.blockstate import Kept
from hanse_node.store.databases.gate import Gate
from hanse_node.store.headform import decode_head, encode_head, encode_members
from hanse_node.store.texts import IN_WIDTHS, chunks
from tests.world.corridor_bodies import change
from tests.world.corridor_genesis import GENESIS
from tests.world.node_ledger import digest


def head_of(size: int) -> Tip:
    """Make a head of some size."""
    log = Frontier()
    for at in range(size):
        log.append(digest(at))
    return Tip(
        size=size,
        height=size // 2,
        time=size * 3,
        last_entry=digest("e"),
        last_state=digest("s"),
        objects_count=size,
        objects_root=digest("o"),
        claims_root=digest("c"),
        membership=GENESIS.membership,
        proposals=OpenProposals([PROPOSAL]),
        changes=(0, size),
        pending={"market": (1, size)},
        log=log,
    )


PROPOSAL = Proposal(
    accepted=False,
    approvals=("market",),
    change=change(removed=["chamber"]),
    closes=1,
    id=digest("proposal"),
    proposer="market",
    ready=(),
    refusals=(),
)


@given(st.integers(1, 300))
def test_a_head_is_read_as_it_was_written(size: int) -> None:
    """Every field of a head comes back, and its root."""
    head = head_of(size)
    assert decode_head(encode_head(head), encode_members(head)) == head
    assert decode_head(encode_head(head), encode_members(head)).root == head.root


@pytest.mark.parametrize("data", [b"", b"\x80", encode_head(head_of(3))[:-1], encode_head(head_of(3)) + b"\0"])
def test_a_damaged_head_is_noticed(data: bytes) -> None:
    """Bytes that are no head are refused."""
    with pytest.raises(StoreFailed, match="head is damaged"):
        decode_head(data, encode_members(head_of(3)))
    with pytest.raises(StoreFailed, match="head is damaged"):
        decode_head(encode_head(head_of(3)), data)


@given(st.lists(st.dictionaries(st.integers(0, 20), st.integers(), max_size=12)), st.integers(1, 12))
def test_what_is_kept_is_bounded_and_newest(writes: list[dict[int, int]], most: int) -> None:
    """The cache never exceeds its bound, and what it holds is what was written last."""
    kept: Kept[int, int] = Kept(most)
    model: dict[int, int] = {}
    for values in writes:
        kept.keep(values)
        for key, value in values.items():
            model.pop(key, None)
            model[key] = value
    newest = list(model)[-most:]
    assert [key for key in range(21) if key in kept] == sorted(newest)
    assert all(kept[key] == model[key] for key in newest)


@given(st.lists(st.integers(), max_size=1_200))
def test_lists_are_cut_into_known_lengths(values: list[int]) -> None:
    """Every piece has one of the known lengths, and together they hold every value and no other."""
    pieces = list(chunks(values))
    assert all(len(piece) in IN_WIDTHS for piece in pieces)
    assert {value for piece in pieces for value in piece} == set(values)


def test_the_gate_lets_the_writer_in_when_the_readers_have_left() -> None:
    """A writer waits for the reader inside, and lets no new one in before itself."""
    gate, order = Gate(), list[str]()
    inside, leave = Event(), Event()

    def read() -> None:
        with gate.shared():
            inside.set()
            leave.wait(10)
            order.append("first reader")

    def write() -> None:
        with gate.exclusive():
            order.append("writer")

    def read_later() -> None:
        with gate.shared():
            order.append("second reader")

    threads = [Thread(target=read)]
    threads[0].start()
    assert inside.wait(10)
    threads.append(Thread(target=write))
    threads[1].start()
    while not gate._waiting:
        time.sleep(0.001)
    threads.append(Thread(target=read_later))
    threads[2].start()
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first reader", "writer", "second reader"]
