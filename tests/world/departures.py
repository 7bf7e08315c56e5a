"""Members that go: they leave, are suspended, lose their role, or have no key that counts any more.

Each is a change of the members by their own votes, one member at a time. A party is suspended by its member alone.
"""

from collections.abc import Callable

from msgspec.structs import replace

from hanse_ledger.values.types import Moment
from hanse_ledger.wire.membership import Member, MemberRole
from tests.world.corridor import Corridor
from tests.world.corridor_bodies import change
from tests.world.corridor_genesis import DAY, T0

KEYS_END: Moment = T0 + 2 * DAY
"""When the keys of a member end that `let_keys_end` has met."""


def leave(corridor: Corridor, name: str) -> None:
    """Let the others remove a member."""
    corridor.change_members(change(removed=[name]))


def suspend(corridor: Corridor, name: str) -> None:
    """Let the others suspend a member."""
    corridor.change_members(change(members=[replace(present(corridor, name), suspended=True)]))


def lose_role(corridor: Corridor, name: str) -> None:
    """Let a member be an auditor and nothing else."""
    corridor.change_members(change(members=[replace(present(corridor, name), roles=(MemberRole.AUDITOR,))]))


def let_keys_end(corridor: Corridor, name: str) -> None:
    """Give all keys of a member an end, at `KEYS_END`."""
    member = present(corridor, name)
    keys = tuple(replace(held, valid_until=KEYS_END) for held in member.keys)
    corridor.change_members(change(members=[replace(member, keys=keys)]))


def hold(corridor: Corridor, party: str) -> None:
    """Let a party's member suspend it."""
    corridor.submit(corridor.make.suspension(party), "market")


GONE: dict[str, Callable[[Corridor, str], None]] = {
    "has left": leave,
    "is suspended": suspend,
    "has lost its role": lose_role,
    "has no key": let_keys_end,
}
"""Every way in which a member cannot do any more what its role allows."""


def present(corridor: Corridor, name: str) -> Member:
    """Give a member as it is."""
    found = corridor.ledger.membership.member(name)
    assert found is not None
    return found


def after(corridor: Corridor, *going: tuple[Callable[[Corridor, str], None], str]) -> Corridor:
    """Let members go, one after the other, and give the corridor."""
    for go, name in going:
        go(corridor, name)
    return corridor
