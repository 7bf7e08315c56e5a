"""Openings of offices that wait in a node's folder are its first records, once its member is one."""

from pathlib import Path

import pytest

from hanse_cli.folders.corridor import Plan, PlannedMember, make_corridor
from hanse_cli.with_node.networks import make_network
from hanse_cli.with_node.nodes import create_node
from hanse_cli.with_node.waitingoffices import leave_all_offices, leave_offices
from hanse_client.base.clock import now_ms
from hanse_client.client import Client
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import MemberId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import ledger_id
from hanse_ledger.wire.membership import MemberRole
from hanse_node.intake.waitingoffices import OFFICES, WaitingOffices, leave_office
from tests.world.front import Front, front
from tests.world.node_ledger import HOUR, MARKET, PARTIES, START, digest, key_of, sign
from tests.world.typed.desk import node_here

PLAN = Plan(
    name="Two",
    operator="market",
    members=(
        PlannedMember(id="bank", name="The bank", roles=(MemberRole.BANK,)),
        PlannedMember(id="market", name="The market", roles=(MemberRole.MARKETPLACE,)),
    ),
)


def opening(member: MemberId, nonce: str = "opening") -> Signed:
    """Sign a member's opening of its office."""
    body = OpenOffice(encryption_key=digest("encryption", member), member=member, profile=None)
    return sign(body, MARKET if member == "market" else key_of(member), nonce=nonce)


def leave(folder: Path, signed: Signed, name: str = "market") -> Path:
    """Leave a record in a node's folder; give its file."""
    leave_office(folder, name, encode(signed.envelope))
    return folder / OFFICES / f"{name}.envelope"


def waiting(node: Front, folder: Path, now: int = START + HOUR) -> WaitingOffices:
    """Give what waits in a running node's folder."""
    return WaitingOffices(folder, node.service.intake, lambda: node.store.head.membership, lambda: now)


def test_a_new_ledger_begins_with_its_members_offices(tmp_path: Path) -> None:
    """Made as `hanse node init` makes it, and run: the first records open both offices; nothing waits any more."""
    corridor = make_corridor(PLAN, now_ms())
    folder = tmp_path / "node"
    trust = read_trust(create_node(folder, corridor))
    leave_offices(folder, ledger_id(corridor.genesis), corridor.identities, now_ms())
    assert len(list((folder / OFFICES).iterdir())) == 2
    with node_here(folder) as url, Client(url, trust=trust, home=tmp_path / "home") as client:
        events = [event for _, event in zip(range(2), client.events(0), strict=False)]
        assert [event.kind for event in events] == ["office.open", "office.open"]
        assert [event.position for event in events] == [1, 2]
    assert not list((folder / OFFICES).iterdir())


def test_each_member_of_a_network_has_its_own_left(tmp_path: Path) -> None:
    """A member's lies with its node; of who runs none it lies with the first node."""
    network = make_network(PLAN, tmp_path / "network", nodes=("market",))
    leave_all_offices(network, now_ms())
    left = sorted(path.name for path in (tmp_path / "network" / "market" / OFFICES).iterdir())
    assert left == ["bank.envelope", "market.envelope"]


def test_what_waits_is_sent_once(tmp_path: Path) -> None:
    """It stands, its file is gone; a second one is refused by the rules, and forgotten."""
    with front(tmp_path / "node") as node:
        openings = waiting(node, tmp_path / "node")
        openings.send()
        file = leave(tmp_path / "node", opening("market"))
        openings.send()
        assert not file.exists()
        assert node.store.head.objects_count == 1
        again = leave(tmp_path / "node", opening("market", "again"))
        openings.send()
        assert not again.exists()
        assert node.store.head.objects_count == 1


def test_a_newcomers_waits_until_it_is_a_member(tmp_path: Path) -> None:
    """Nothing is sent for who is no member yet; when the record has expired it is forgotten."""
    with front(tmp_path / "node") as node:
        file = leave(tmp_path / "node", opening("newcomer"), "newcomer")
        waiting(node, tmp_path / "node").send()
        assert file.exists()
        waiting(node, tmp_path / "node", START + 48 * HOUR).send()
        assert not file.exists()


def test_while_the_engine_takes_nothing_it_waits(tmp_path: Path) -> None:
    """A stopped engine is no reason to forget."""
    with front(tmp_path / "node") as node:
        file = leave(tmp_path / "node", opening("market"))
        node.engine.stop()
        waiting(node, tmp_path / "node").send()
        assert file.exists()


@pytest.mark.parametrize("data", [b"", b"damaged", encode(PARTIES[0].envelope)])
def test_what_is_no_opening_is_forgotten(tmp_path: Path, data: bytes) -> None:
    """A damaged file, and one of another record, is never sent."""
    with front(tmp_path / "node") as node:
        leave_office(tmp_path / "node", "market", data)
        waiting(node, tmp_path / "node").send()
        assert not list((tmp_path / "node" / OFFICES).iterdir())
        assert node.store.head.size == 1
