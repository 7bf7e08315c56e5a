"""A consortium's nodes on this machine as the command line sees them: made in one folder, run together."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

from msgspec import Struct

from hanse_cli.base.background import RunningNode, running_node
from hanse_cli.base.extras import load_node
from hanse_cli.folders.corridor import Plan, make_consortium
from hanse_cli.folders.nodefolder import REPLACED, SETTINGS, need_empty, node_errors
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput, NodeFailed
from hanse_client.home.identity import Identity
from hanse_ledger.wire.genesis import Genesis

LOG = "node.log"
LOOK_SECONDS = 0.5
STEADY_SECONDS = 60.0
ATTEMPTS = 5
"""So many times in a row a node may end within a minute of its start."""


class MadeNode(Struct, frozen=True, kw_only=True):
    """A member's node: where it is, and by what its engine is known to the others."""

    member: str
    folder: str
    url: str
    node_id: str


class MadeNetwork(Struct, frozen=True, kw_only=True):
    """A new ledger with a node for each member, and both identities of members who had brought no keys."""

    genesis: Genesis
    identities: Mapping[str, Identity]
    spares: Mapping[str, Identity]
    nodes: tuple[MadeNode, ...]


def need_engine() -> None:
    """Insist, before anything is made, that a network's nodes will find the engine on this machine.

    Raises:
        NodeFailed: CometBFT is not there, or is another version.
    """
    binary, engines = load_node("comet.program.binary"), load_node("comet.program.install")
    with node_errors():
        program = engines.find_program("", None)
        if program is None:
            raise load_node("base.errors").CannotStart(
                "A network's nodes run on CometBFT, which is not installed; nothing was made",
                "Run: hanse engine install. It builds with Go; where there is none: pip install 'hanse[engine]'",
            )
        found = binary.look_at(program)
        if found.version != binary.VERSION:
            raise load_node("base.errors").CannotStart(
                f"{program} is CometBFT {found.version}, not {binary.VERSION}; nothing was made",
                "Run: hanse engine install",
            )


def make_network(
    plan: Plan,
    folder: Path,
    *,
    nodes: Sequence[str] | None = None,
    hosts: Mapping[str, str] | None = None,
    wide: bool = False,
) -> MadeNetwork:
    """Make a ledger's genesis and its members' nodes, on free ports of loopback, or on other hosts.

    Args:
        plan: the members.
        nodes: which of them run a node, and cosign; by default all.
        folder: a folder that does not exist, or is empty; each node gets one in it, and the trust file lies beside.
        hosts: the address of each node, by member; by default all are on loopback.
        wide: whether the engine waits as long as between continents.

    Raises:
        WouldOverwrite: there is something in the folder.
        InvalidInput: the members do not fit each other.
        NodeFailed: a folder cannot be written.
    """
    need_empty(folder, REPLACED)
    networks = load_node("operate.network")
    keys = {name: networks.make_keys() for name in nodes or [member.id for member in plan.members]}
    corridor = make_consortium(plan, {name: held.cosigner(name) for name, held in keys.items()}, now_ms())
    ports = _free_ports(networks.PORTS_EACH * len(keys))
    with node_errors():
        made = networks.create_network(folder, corridor.genesis, keys, ports, hosts=hosts, wide=wide)
    given = tuple(
        MadeNode(member=each.member, folder=str(each.folder), url=each.url, node_id=each.node_id) for each in made
    )
    return MadeNetwork(genesis=corridor.genesis, identities=corridor.identities, spares=corridor.spares, nodes=given)


def network_nodes(folder: Path) -> dict[str, Path]:
    """List the folders of a network's nodes by member. Raises InvalidInput if there is none."""
    found = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{SETTINGS}"))}
    if not found:
        raise InvalidInput(f"{folder} holds no nodes.", "Make a network: hanse network create")
    return found


@contextmanager
def running_network(folder: Path) -> Iterator[dict[str, RunningNode]]:
    """Run all nodes of a network until the block ends, each in a process of its own. Raises NodeFailed."""
    with ExitStack() as running:
        yield {
            name: running.enter_context(running_node(path, path / LOG, port=None))
            for name, path in network_nodes(folder).items()
        }


def keep_running(folder: Path, nodes: dict[str, RunningNode], told: Callable[[str], None]) -> None:
    """Start again whatever node ends, for ever.

    Args:
        folder: the network's.
        nodes: what `running_network` gave.
        told: what happens.

    Raises:
        NodeFailed: a node ends, or does not become ready, several times in a row.
    """
    paths, failures = network_nodes(folder), dict.fromkeys(nodes, 0)
    begun = dict.fromkeys(nodes, monotonic())
    with ExitStack() as running:
        while True:
            sleep(LOOK_SECONDS)
            for name, node in list(nodes.items()):
                if node.exit_code is None:
                    continue
                failures[name] = 0 if monotonic() - begun[name] > STEADY_SECONDS else failures[name] + 1
                if failures[name] >= ATTEMPTS:
                    raise NodeFailed(f"The node of {name} ended {ATTEMPTS} times.", f"Look into {paths[name] / LOG}.")
                told(f"The node of {name} has ended ({node.exit_code}) and is started again.")
                begun[name] = monotonic()
                nodes[name] = running.enter_context(running_node(paths[name], paths[name] / LOG, port=None))


def _free_ports(count: int) -> list[int]:
    """Find ports that are free at the moment, each another one."""
    with ExitStack() as opened:
        found = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in found]
