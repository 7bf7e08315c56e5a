"""No set of at most two thirds of an epoch's members leads to the next, whatever they sign, and whoever reads it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.proposals import carried, left_out, voters
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.types import RecordId
from hanse_ledger.wire.membership import (
    Change,
    Cosigner,
    Member,
    MemberRole,
    Membership,
    Parameters,
    changed,
    tolerated,
)
from tests.world.assembly import Assembly, key_in_use, renamed, suspended
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import DAY, SECOND

MOVES = ("remove", "suspend", "reinstate", "keys", "roles", "node", "admit", "replace", "parameters")
"""What a change may do; a drawn one does several of them at once."""


@st.composite
def assemblies(draw: st.DrawFn) -> Assembly:
    """Found a ledger of one to nine members, some of whom run nodes, and some are suspended."""
    count = draw(st.integers(1, 9))
    nodes = draw(st.integers(1, count))
    most = min(tolerated(count), tolerated(nodes) if nodes == count else tolerated(count))
    suspensions = draw(st.integers(0, min(most, count - nodes) if nodes < count else most))
    return Assembly.of(count, nodes, suspensions)


Wish = tuple[str, int, int]
WISHES = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=5)


def wished(membership: Membership, wishes: Sequence[Wish], generation: str) -> Change:
    """Put a change together of what is wished, about whoever is a member now."""
    members = {member.id: member for member in membership.members}
    put, nodes = dict[str, Member](), dict[str, Cosigner]()
    removed, parameters = set[str](), None
    for what, first, second in wishes:
        name = sorted(members)[first % len(members)]
        member = put.get(name, members[name])
        new = f"n{second}"
        if what == "remove":
            removed.add(name)
        elif what in ("suspend", "reinstate"):
            put[name] = suspended(member, yes=what == "suspend")
        elif what == "keys":
            put[name] = renamed(member, f"{name}{generation}")
        elif what == "roles":
            put[name] = replace(member, roles=(tuple(sorted(MemberRole))[second % 6],))
        elif what == "node":
            nodes[name] = a_cosigner(name, generation=generation)
        elif what in ("admit", "replace"):
            put[new] = renamed(a_member(new), f"{new}{generation}")
            if what == "replace":
                removed.add(name)
                nodes[new] = a_cosigner(new, generation=generation)
        else:
            epochs = (1, 2 + second)
            parameters = Parameters(quorum=membership.parameters.quorum, tag_epochs=epochs)
    removed -= {*put, *nodes}
    return change(
        members=[put[name] for name in sorted(put)],
        cosigners=[nodes[name] for name in sorted(nodes)],
        removed=sorted(removed),
        parameters=parameters,
    )


def attack(assembly: Assembly, colluders: Sequence[str], what: Change, generation: str) -> None:
    """Sign all that a set of members can sign towards a change, and what they cannot, with the keys that they have."""
    membership = assembly.membership
    keys = [key_in_use(membership, name) for name in colluders]
    for proposer, own in zip(colluders, keys, strict=True):
        name = assembly.propose(what, proposer, own)
        for voter, key in zip(colluders, keys, strict=True):
            assembly.vote(name, voter, key)
            assembly.vote(name, voter, f"{key} spare")  # a member has two keys, and one vote
        for other in membership.members:
            assembly.vote(name, other.id, own)
            assembly.vote(name, other.id, f"{other.id}{generation}")  # the keys that the change would give
        for node in what.cosigners:
            assembly.ready(name, node.id, f"{node.id}{generation} cosigner")


@given(assemblies(), st.data())
def test_two_thirds_lead_nowhere(assembly: Assembly, data: st.DataObject) -> None:
    """Over several epochs: what at most two thirds sign, former members and old records with them, changes nobody."""
    trust = TrustFile(assembly.genesis)
    for turn in range(data.draw(st.integers(1, 3), label="epochs")):
        generation, epoch, before = f" g{turn}", assembly.membership.epoch, len(assembly.signed)
        names = [member.id for member in assembly.membership.members]
        most = 2 * len(names) // 3
        colluders = sorted(data.draw(st.permutations(names), label="colluders")[: data.draw(st.integers(0, most))])
        for number in range(data.draw(st.integers(1, 2), label="attacks")):
            what = wished(assembly.membership, data.draw(WISHES, label="change"), f"{generation} {number}")
            attack(assembly, colluders, what, f"{generation} {number}")
        for signed in assembly.signed[:before]:
            assembly.put(signed)
        assert assembly.membership.epoch == epoch
        # A reader of whatever they put into a file, in any place and at any time, is led nowhere either.
        for led in runs(assembly.signed[before:]):
            with pytest.raises(ProofInvalid):
                trust.extended([*trust.changes, *assembly.forged(led)])
        what = wished(assembly.membership, data.draw(WISHES, label="agreed"), generation)
        if assembly.agree(what, generation):
            trust = trust.extended([assembly_entry(assembly, position) for position in assembly.ledger.head.changes])
            assert trust.membership == assembly.membership


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from("ppvvvvvwro"), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=16
)
GAPS = st.sampled_from((SECOND, SECOND, DAY, 8 * DAY))


@given(assemblies(), st.data())
def test_two_thirds_lead_nowhere_in_one_group_or_in_time(assembly: Assembly, data: st.DataObject) -> None:
    """Many records in one block, and days between blocks: proposals close, are withdrawn and made again."""
    epoch = assembly.membership.epoch
    names = [member.id for member in assembly.membership.members]
    colluders = sorted(data.draw(st.permutations(names), label="colluders")[: 2 * len(names) // 3])
    opened: list[tuple[RecordId, Change, str]] = []
    for turn, (gap, steps) in enumerate(data.draw(st.lists(st.tuples(GAPS, STEPS), max_size=4), label="blocks")):
        block = [
            signed
            for place, step in enumerate(steps)
            for signed in taken(assembly, colluders, opened, step, data, f" g{turn} {place}", gap)
        ]
        assembly.put_all(block, gap)
        assert assembly.membership.epoch == epoch


def taken(
    assembly: Assembly,
    colluders: Sequence[str],
    opened: list[tuple[RecordId, Change, str]],
    step: Step,
    data: st.DataObject,
    generation: str,
    gap: int,
) -> Iterator[Signed]:
    """Sign what colluders do in a step; the numbers choose who, and which of their proposals it is about."""
    what, first, second = step
    if not colluders or (what in "vwr" and not opened):
        return
    membership, name = assembly.membership, colluders[first % len(colluders)]
    key = key_in_use(membership, name)
    if what == "p":
        wanted = wished(membership, data.draw(WISHES, label="change"), generation)
        closes = assembly.ledger.head.time + gap + (1, DAY, 7 * DAY)[second % 3]
        body = ProposeChange(change=wanted, closes=closes, epoch=membership.epoch, member=name)
        signed = assembly.sign(body, key, after=gap)
        opened.append((signed.id, wanted, generation))
        yield signed
    elif what == "o":
        yield (
            assembly.signed[second % len(assembly.signed)]
            if assembly.signed
            else assembly.sign(WithdrawChange(member=name, proposal=bytes(32)), key, after=gap)
        )
    else:
        proposal, wanted, given_keys = opened[second % len(opened)]
        if what == "v":
            for member, by in ((name, key), (membership.members[first % len(membership.members)].id, key)):
                vote = VoteOnChange(approve=first % 7 > 0, member=member, proposal=proposal)
                yield assembly.sign(vote, by, after=gap)
                yield assembly.sign(vote, f"{member}{given_keys}", after=gap)
        elif what == "w":
            yield assembly.sign(WithdrawChange(member=name, proposal=proposal), key, after=gap)
        else:
            for node in wanted.cosigners:
                ready = ReportReady(member=node.id, proposal=proposal)
                yield assembly.sign(ready, f"{node.id}{given_keys} cosigner", after=gap)


def assembly_entry(assembly: Assembly, position: int) -> bytes:
    """Give the entry at a position; the first is the genesis' own."""
    return assembly.entries[position - 1]


def runs(records: Sequence[Signed]) -> list[list[Signed]]:
    """Cut records into what begins with a proposal each: what could be shown as the records of an epoch."""
    starts = [place for place, signed in enumerate(records) if isinstance(signed.record.body, ProposeChange)]
    return [list(records[first:last]) for first, last in pairwise([*starts, len(records)])]


@given(assemblies(), WISHES, st.data())
def test_no_more_are_left_out_than_may_fail(assembly: Assembly, wishes: list[Wish], data: st.DataObject) -> None:
    """Whatever carries a change leaves out at most f of the members and of the cosigners; and a third can stop it."""
    membership = assembly.membership
    what = wished(membership, wishes, " new")
    try:
        after = changed(membership, what)
    except Malformed:
        assume(False)
    able = voters(membership)
    approving = set(data.draw(st.lists(st.sampled_from(able), unique=True)))
    out = left_out(membership, what, approving)
    if carried(membership, what, approving):
        assert 3 * len(approving) > 2 * len(membership.members)
        assert len(out) <= (len(membership.members) - 1) // 3
        cosigners = {each.id for each in membership.cosigners}
        assert len(out & cosigners) <= (len(cosigners) - 1) // 3
    # Whoever is not suspended may approve, and then every change is carried that may be made: nothing is stuck.
    assert carried(membership, what, able)
    assert carried(after, change(), voters(after))
