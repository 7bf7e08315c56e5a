"""What too few members sign to take a ledger over, and show to whoever trusts its founders: none of it leads anywhere.

Each attempt is a run of records after the genesis of the test corridor, whose members are six: five carry a change.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from hanse_ledger.records.entry import RECORD, RecordEntry
from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import Change
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import MEMBERS, T0

NAMES = sorted(MEMBERS)
EVIL = " evil"


class Attempt(NamedTuple):
    """Records that somebody signs, and what a reader of them as the members' changes answers."""

    why: str
    records: tuple[Signed, ...]
    answer: str

    @property
    def entries(self) -> list[bytes]:
        """The records as entries right after the genesis."""
        head = Corridor().head
        return [
            encode(RecordEntry(RECORD, 1 + place, head.last_entry, 1, T0 + 1, signed.envelope))
            for place, signed in enumerate(self.records)
        ]


class _Maker:
    def __init__(self) -> None:
        self._corridor = Corridor()
        self._make = self._corridor.make

    def run(self, what: Change, proposer: str, *votes: tuple[str, str]) -> tuple[Signed, ...]:
        """Propose a change, and vote for it: each vote is a member, and whose key signs."""
        first = self._sign(self._make.proposal(what, proposer), proposer)
        self._corridor.id["proposal"] = first.id
        return (first, *(self._sign(self._make.vote(member), key) for member, key in votes))

    def ready(self, *members: str) -> tuple[Signed, ...]:
        """Have nodes of the attackers report themselves."""
        return tuple(self._sign(self._make.readiness(name), f"{name}{EVIL} cosigner") for name in members)

    def withdrawal(self) -> Signed:
        """Have the market withdraw its proposal."""
        return self._sign(self._make.takeback(), "market")

    def refusal(self, member: str) -> Signed:
        """Have a member vote against it."""
        return self._sign(self._make.vote(member, approve=False), member)

    def _sign(self, body: Body, *by: str) -> Signed:
        return self._corridor.sign(body, *by, at=T0)


def attempts() -> Iterator[Attempt]:
    """Give every attempt."""
    make = _Maker()
    others = [name for name in NAMES if name != "market"]
    suspended = [a_member(name, MEMBERS[name], suspended=True) for name in others]
    yield Attempt("one member suspends all others", make.run(change(members=suspended), "market"), "membership-unsound")
    gone = change(removed=["bank-be", "customs-be", "customs-cn"])
    yield Attempt("one member removes three", make.run(gone, "market"), "has not taken effect")
    three = make.run(gone, "market", *own("bank-cn", "chamber"))
    yield Attempt("three of six remove the other three", three, "has not taken effect")
    admitted = change(members=[a_member("new")])
    four = make.run(admitted, "market", *own("bank-cn", "chamber", "bank-be"))
    yield Attempt("four of six, two thirds, admit a member", four, "has not taken effect")
    both = make.run(admitted, "market", *own("bank-cn", "chamber", "bank-be"), ("market", "market spare"))
    yield Attempt("a member votes twice, with both of its keys", both, "already-voted")
    borrowed = make.run(admitted, "market", *own("bank-cn", "chamber", "bank-be"), ("customs-be", "market spare"))
    yield Attempt("a member votes for another", borrowed, "not-voting-member")
    keys = change(members=[a_member(name, MEMBERS[name], key=f"{name}{EVIL}") for name in ("customs-be", "customs-cn")])
    given = make.run(keys, "market", *own("bank-cn", "chamber", "bank-be"), ("customs-be", f"customs-be{EVIL}"))
    yield Attempt("four of six give the others keys, and vote with them", given, "signer-unknown")
    nodes = change(cosigners=[a_cosigner(name, generation=EVIL) for name in others[:4]], removed=["operator"])
    brought = make.run(nodes, "market") + make.ready(*others[:4])
    yield Attempt("one member's nodes report themselves in the names of four", brought, "proposal-not-accepted")
    carried = make.run(nodes, "market", *own(*others[:4]))
    yield Attempt("five of six carry a change whose nodes have not reported", carried, "has not taken effect")
    five = make.run(admitted, "market", *own(*others[:4]))
    forged = [replace(each, envelope=replace(each.envelope, signatures=five[0].envelope.signatures)) for each in five]
    yield Attempt("five votes of which one is forged", (*five[:4], forged[4]), "signature-invalid")
    short = make.run(admitted, "market", *own(*others[:3]))
    yield Attempt("a proposal that is withdrawn", (*short, make.withdrawal()), "leads to no epoch")
    short = make.run(admitted, "market", *own(*others[:3]))
    yield Attempt("a proposal with a vote against it", (*short, make.refusal("customs-cn")), "leads to no epoch")
    twice = make.run(admitted, "market") + make.run(admitted, "chamber", *own(*others[:4]))
    yield Attempt("two proposals in one epoch", twice, "a second proposal within one epoch")
    late = make.run(admitted, "market", *own(*others[:4]))
    yield Attempt("votes before the proposal", (*late[1:], late[0]), "proposal-unknown")
    one_key = change(members=[replace(a_member("new"), keys=a_member("new").keys[:1])])
    yield Attempt("five of six admit a member with one key", make.run(one_key, "market", *own(*others[:4])), "unsound")


def own(*names: str) -> Sequence[tuple[str, str]]:
    """Votes of members, each by its own key."""
    return [(name, name) for name in names]


ATTEMPTS = list(attempts())
