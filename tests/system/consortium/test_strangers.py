"""Who no member has named reads no block, whoever it is; who was named follows, and is cut off when it is forgotten."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import pytest

from hanse_client import Client, Identity
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_node.comet.program.sockets import find_sockets
from hanse_node.operate.joinforms import read_part
from tests.system.stage.engine_rpc import BEING_STARTED, connected
from tests.system.stage.prepared import ROLES, Members
from tests.system.stage.processes import listening_ports, run_json, said

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

TURNED_AWAY = "an engine that may not connect is turned away"
CUT = "the engine is started again, once, to end connections of engines that may not be connected any more"
CUT_SECONDS = 60
TRY_S = 10


def test_a_stranger_gets_no_block(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """With network.json and keys of its own alone: nothing. Named as an observer: everything, until it is forgotten."""
    with ExitStack() as stack:
        members = Members(tmp_path, require_tool("cometbft"), stack)
        members.found()
        members.start(*ROLES)
        part = members.prepare("spy", "auditor")
        members.join("spy", "--follow")
        node = read_part(part.read_bytes()).node
        assert node is not None
        with members.client("market", "market", "bank") as client:
            _enrol(client)
            spy = members.nodes["spy"]
            stack.callback(spy.kill, node=True, engine=True)
            spy.start()
            members.settle(lambda: any(members.nodes[name].logged(TURNED_AWAY) for name in ROLES))
            sleep(TRY_S)
            assert all(node.validator.node_id not in connected(tmp_path / name) for name in ROLES)
            seen = spy.head()
            assert seen is None or seen.size == 1, "it has the genesis alone"

            # Nobody is stopped for that, neither now nor when it is taken back but once.
            for name in ROLES:
                said("network", "peer", "--yes", part, "--dir", tmp_path / name)
            members.settle(lambda: members.agree("spy", "market"))
            assert all(not members.nodes[name].logged(CUT) for name in ROLES)
            begun = monotonic()
            for name in ROLES:
                assert said("network", "forget", "spy", "--dir", tmp_path / name)["engines"] == 1
            cut = {node.validator.node_id, BEING_STARTED}
            members.settle(lambda: all(not cut & connected(tmp_path / name) for name in ROLES))
            assert monotonic() - begun < CUT_SECONDS
            members.settle(lambda: all(members.nodes[name].ready() for name in ROLES))
            before = spy.head()
            _enrol(client)
            members.settle(lambda: members.agree(*ROLES))
            sleep(TRY_S)
            after = spy.head()
            assert after == before, f"it gets no new block: {before} {after}"
            # Whoever was connected to it has started its engine again, once.
            assert {members.nodes[name].logged(CUT) for name in ROLES} in ({1}, {0, 1})
        code, answer = run_json("network", "forget", "spy", "--dir", tmp_path / "bank")
        assert code != 0
        assert "knows no node of spy" in answer["error"]["message"]

        # Nothing of an engine listens on TCP but for the other members' engines.
        for name in ROLES:
            engine = members.nodes[name].engine
            assert engine is not None
            assert len(listening_ports(engine)) == 1, name
        for name in ROLES:
            members.nodes[name].stop()
            sockets = find_sockets(tmp_path / name)
            assert not sockets.rpc.exists()
            assert not sockets.application.exists()


def _enrol(client: Client) -> None:
    client.parties.enrol(Identity.generate("x"), roles=[PartyRole.SELLER], terms={"name": "x"})
