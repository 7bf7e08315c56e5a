"""Shares, turns and lanes: what one takes, and what is left for everybody else."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_node.access.caller import Caller, CallerKind, nobody_at
from hanse_node.access.lane import Lane
from hanse_node.access.purse import Purse
from hanse_node.base.errors import Busy, QuotaExceeded
from hanse_node.base.roundrobin import Turns

MEMBERS = [Caller(CallerKind.MEMBER, name) for name in ("bank", "chamber", "customs", "market")]


def fill(purse: Purse, caller: Caller) -> int:
    """Take one after the other, until there is no more; give how many there were."""
    for count in range(purse.most + 1):
        try:
            purse.take(caller)
        except QuotaExceeded:
            return count
    raise AssertionError("there is no bound")


Step = tuple[int, int, bool]
steps = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 200), st.booleans()), max_size=60)


@given(steps)
def test_each_share_is_there_whatever_others_do(history: list[Step]) -> None:
    """After any history of taking and giving no more is taken than there is, and each can fill its own share."""
    purse = Purse("bytes", 1_000, lambda: 4)
    held: list[list[int]] = [[], [], [], []]
    for who, amount, gives in history:
        if gives and held[who]:
            purse.give(MEMBERS[who], held[who].pop())
            continue
        try:
            purse.take(MEMBERS[who], amount)
            held[who].append(amount)
        except QuotaExceeded:
            assert sum(held[who]) + amount > purse.share
        assert purse.taken == sum(map(sum, held)) <= 1_000
    for who, taken in enumerate(held):
        left = purse.share - sum(taken)
        for _ in range(left):
            purse.take(MEMBERS[who], 1)
    assert purse.taken <= 1_000
    for who, taken in enumerate(held):
        purse.give(MEMBERS[who], max(sum(taken), purse.share))
    assert (purse.taken, purse._own, purse._common) == (0, Counter(), Counter())


def test_one_alone_gets_far_and_leaves_room() -> None:
    """Without others a caller has well more than its share; a newcomer of no share of its own finds some too."""
    purse = Purse("bytes", 1_000, lambda: 4)
    fill(purse, MEMBERS[0])
    with pytest.raises(QuotaExceeded) as refused:
        purse.take(MEMBERS[0])
    assert refused.value.retry_after == 1
    assert 300 < purse.taken < 500
    for address in range(20):
        purse.take(nobody_at(f"192.0.2.{address}"))


def test_addresses_are_named_by_what_a_line_has() -> None:
    """Whoever has a /64 has one name, not 2^64 of them; an IPv4 address is the same in both spellings."""
    assert nobody_at("2001:db8::1") == nobody_at("2001:db8::ffff:1") != nobody_at("2001:db8:0:1::1")
    assert nobody_at("::ffff:192.0.2.1") == nobody_at("192.0.2.1") != nobody_at("192.0.2.2")
    assert nobody_at("a socket").holder == nobody_at("192.0.2.1").holder == "nobody"
    assert len({each.holder for each in MEMBERS}) == 4


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers()), max_size=50))
def test_turns_go_round(items: list[tuple[str, int]]) -> None:
    """Each one's items come in order, everything comes once, and between two of one's all who wait have had theirs."""
    turns: Turns[tuple[str, int]] = Turns()
    for item in items:
        turns.put(item[0], item)
    assert sorted(turns) == sorted(items)
    taken = []
    while turns:
        waiting = {who for who, _ in turns}
        following, item = turns.next(), turns.take()
        assert following == item
        taken.append((item, waiting))
    assert sorted(item for item, _ in taken) == sorted(items)
    for who in "abc":
        assert [item for item, _ in taken if item[0] == who] == [item for item in items if item[0] == who]
        places = [place for place, (item, _) in enumerate(taken) if item[0] == who]
        for first, second in pairwise(places):
            assert taken[first][1] - {who} <= {item[0] for item, _ in taken[first + 1 : second]}
    turns.discard("a", ("a", 1))
    assert len(turns) == 0


def test_a_lane_goes_round() -> None:
    """Two at work; who asks for forty waits behind himself alone, and one of another has its turn next."""
    lane = Lane("proofs", 2, 64, lambda: 4)
    order: list[str] = []
    at_work = most = 0

    async def work(caller: Caller) -> None:
        nonlocal at_work, most
        async with lane.turn(caller):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.01)
            at_work -= 1
            order.append(caller.name)

    async def run() -> None:
        greedy = [asyncio.create_task(work(MEMBERS[0])) for _ in range(20)]
        await asyncio.sleep(0)
        await work(MEMBERS[1])
        greedy[-1].cancel()
        await asyncio.gather(*greedy, return_exceptions=True)

    asyncio.run(run())
    assert most == 2
    assert order.index("chamber") <= 4
    assert len(order) == 20


def test_who_waits_too_long_or_for_too_many_is_told() -> None:
    """A place that never becomes free is no place: 503 after a while; and nobody waits in any number."""
    lane = Lane("proofs", 1, 8, lambda: 4, wait_seconds=0.05)

    async def run() -> None:
        async with lane.turn(MEMBERS[0]):
            waiting = [asyncio.create_task(enter(MEMBERS[0])) for _ in range(8)]
            waiting.append(asyncio.create_task(enter(MEMBERS[1])))
            told = Counter(type(each) for each in await asyncio.gather(*waiting, return_exceptions=True))
            assert told[QuotaExceeded] > 0
            assert told[Busy] > 1
            assert told[QuotaExceeded] + told[Busy] == 9
        async with lane.turn(MEMBERS[2]):  # what was given up is free again
            pass

    async def enter(caller: Caller) -> None:
        async with lane.turn(caller):
            raise AssertionError

    asyncio.run(run())


def test_whoever_has_most_in_a_line_loses_the_newest() -> None:
    """Where a line is too long, whoever stands in it most often gives way, and with what came last."""
    line: Turns[int] = Turns()
    for who, item in (("a", 1), ("b", 2), ("a", 3), ("a", 4), ("b", 5)):
        line.put(who, item)
    assert [line.drop(), line.turn(), line.take(), line.drop(), line.drop(), line.drop()] == [4, "a", 1, 5, 2, 3]
    assert not line
