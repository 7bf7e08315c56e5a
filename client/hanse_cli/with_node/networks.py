"""A consortium's nodes: all of them made here, or one's own prepared, completed, and told of others."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from hanse_cli.base.files import read_file, write_file
from hanse_cli.folders.corridor import Plan, make_consortium
from hanse_cli.folders.nodefolder import REPLACED, need_empty
from hanse_cli.with_node.nodeerrors import node_errors
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Member
from hanse_node.base.config import Config
from hanse_node.operate import joinforms, network
from hanse_node.operate.joinforms import MemberPart, Network, NodePart


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
    keys = {name: network.make_keys() for name in nodes or [member.id for member in plan.members]}
    corridor = make_consortium(plan, {name: held.cosigner(name) for name, held in keys.items()}, now_ms())
    ports = _free_ports(network.PORTS_EACH * len(keys))
    with node_errors():
        network_nodes = network.create_network(folder, corridor.genesis, keys, ports, hosts=hosts, wide=wide)
    given = tuple(
        MadeNode(member=each.member, folder=str(each.folder), url=each.url, node_id=each.node_id)
        for each in network_nodes
    )
    return MadeNetwork(genesis=corridor.genesis, identities=corridor.identities, spares=corridor.spares, nodes=given)


def check_member(member: Member, url: str, p2p: str) -> None:
    """Insist that a member with these addresses can be part of a network. Raises InvalidInput."""
    try:
        joinforms.check_part(member, url, p2p)
    except Malformed as error:
        raise InvalidInput(f"The member cannot be so: {error.detail}.", "Correct it and try again.") from error


def prepare_node(folder: Path, member: Member, url: str, p2p: str, now: Moment) -> tuple[Path, bytes]:
    """Make the keys of a member's node, and write what the other members must have: give its file and its bytes.

    Args:
        folder: the node's, which is empty.
        member: whose it is.
        url: where other members' nodes reach it.
        p2p: where other members' engines reach its own.
        now: the present in milliseconds since 1970.

    Raises:
        NodeFailed: the folder cannot be written.
    """
    with node_errors():
        node = network.prepare_node(folder, member.id, network.make_keys(), url=url, p2p=p2p, now=now)
    file, part = folder / joinforms.PART, joinforms.write_part(member, node)
    write_file(file, part, private=True)
    return file, part


def assemble(paths: Sequence[Path], name: str, now: Moment, *, wide: bool) -> tuple[bytes, Network]:
    """Put members' parts together; give the file of the network, and what it says.

    Args:
        paths: each member's part.
        name: the ledger's.
        now: when it begins, in milliseconds since 1970.
        wide: whether the engines wait as long as between continents.

    Raises:
        InvalidInput: a part is none, or they do not fit each other.
    """
    try:
        parts = [read_file(path, joinforms.PART_BYTES, "part") for path in paths]
        data = joinforms.assemble(parts, name, now, wide=wide)
    except Malformed as error:
        raise InvalidInput(f"The parts do not fit each other: {error.detail}.", "Get them anew.") from error
    return data, joinforms.read_network(data)


@node_errors()
def own_node(folder: Path, network_file: Network | None) -> NodePart:
    """Read the part of one's own node; where a network is given it must have it. Raises NodeFailed."""
    return network.own_node(folder, network_file)


@node_errors()
def join_network(folder: Path, network_file: Network, config: Config, later: Sequence[MemberPart]) -> None:
    """Complete one's own node; `later` are the parts of members admitted since. Raises NodeFailed."""
    network.join_network(folder, network_file, config, later)


@node_errors()
def add_peer(folder: Path, part: MemberPart, *, observer: bool) -> NodePart:
    """Let one's own node know another member's, and give that. Raises NodeFailed: the part is of no other node, too."""
    network.add_peer(folder, part, observer=observer)
    assert part.node is not None  # else it was refused
    return part.node


@node_errors()
def forget_peer(folder: Path, member: str) -> int:
    """Let one's own node forget another member's; give how many engines were forgotten. Raises NodeFailed."""
    return network.forget_peer(folder, member)


def _free_ports(count: int) -> list[int]:
    """Find ports that are free at the moment, each another one."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
