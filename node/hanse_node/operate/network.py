"""A consortium's network: a folder for each member's node, all of one genesis, and of one engine genesis.

For trying, all folders are made on one machine. For real use each member prepares its own, and sends its part: who it
is, its public keys, and where its node is reached. The parts are put together into one file, from which each member
completes its folder; the ledger's id follows from that file, and is what members compare by telephone.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from nacl.signing import SigningKey

from hanse_io.durable import create_durably, replace_durably
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Cosigner
from hanse_node.base.changing import alone_with
from hanse_node.base.config import Comet, Config, Listen, Peering, change_config, parse_config
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import CONFIG, complete_folder, create_keys
from hanse_node.comet.program.home import Beginning, complete_home, create_engine_keys, write_genesis
from hanse_node.operate.joinforms import PART, MemberPart, Network, NodePart, read_part
from hanse_node.signing.tls import add_authority, create_authority, peer_path

LOOPBACK = "127.0.0.1"
TRUST = "trust.json"
PORTS_EACH = 3
"""A node's own, that for other members' nodes, and its engine's for other engines."""


class NodeKeys(Struct, frozen=True):
    """The secrets of one member's node; nothing prints them."""

    log_seed: bytes
    cosigning_seed: bytes
    validator: SigningKey
    node: SigningKey

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return "NodeKeys(…)"

    def cosigner(self, member: MemberId) -> Cosigner:
        """Give the public half, as a genesis names it."""
        return Cosigner(
            cosigning_key=SigningKey(self.cosigning_seed).verify_key.encode(),
            id=member,
            log_key=SigningKey(self.log_seed).verify_key.encode(),
            ml_dsa_key=None,
            validator_key=self.validator.verify_key.encode(),
        )


class MemberNode(Struct, frozen=True, kw_only=True):
    """Where a member's node is, and by what its engine is known to the others."""

    member: MemberId
    folder: Path
    url: str
    node_id: str


class ChainStart(Struct, frozen=True):
    """With what an engine's chain begins: its first validators' nodes, and a state, if not that of the genesis."""

    founders: Sequence[NodePart]
    beginning: Beginning | None = None


def make_keys() -> NodeKeys:
    """Make the keys of a node."""
    return NodeKeys(secrets.token_bytes(32), secrets.token_bytes(32), SigningKey.generate(), SigningKey.generate())


def prepare_node(folder: Path, member: MemberId, keys: NodeKeys, *, url: str, p2p: str, now: Moment) -> NodePart:
    """Make a folder with a node's keys and certificates, and give what the other members must know of it.

    Args:
        folder: a folder that does not exist, or is empty.
        member: whose node it is.
        keys: its keys.
        url: where it answers the other members' nodes, `https://host:port`.
        p2p: where its engine answers theirs, `host:port`.
        now: the present in milliseconds since 1970.

    Raises:
        CannotStart: the folder is in use, or cannot be written.
    """
    cosigner = keys.cosigner(member)
    create_keys(folder, log_seed=keys.log_seed, cosigning_seed=keys.cosigning_seed)
    try:
        create_engine_keys(folder / "comet", keys.validator, keys.node)
        authority = create_authority(folder, member, now)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written: {error}", "Name an empty folder") from error
    return NodePart(
        authority=authority.decode(),
        cosigning_key=cosigner.cosigning_key,
        id=member,
        log_key=cosigner.log_key,
        node_key=keys.node.verify_key.encode(),
        p2p=p2p,
        url=url,
        validator_key=keys.validator.verify_key.encode(),
    )


def complete_node(
    folder: Path,
    genesis: Genesis,
    chain: ChainStart,
    nodes: Sequence[NodePart],
    *,
    config: Config,
) -> None:
    """Give a prepared node its ledger, its engine's network, and the other members' certificates.

    Args:
        folder: what `prepare_node` made.
        genesis: the ledger's.
        chain: with what the engine's chain begins.
        nodes: all of the network's, this one among them or not.
        config: the node's settings, but for its peers and their engines.

    Raises:
        CannotStart: the keys are not the genesis's, or files cannot be written.
    """
    others = [node for node in nodes if node.id != config.cosigner]
    try:
        for node in others:
            add_authority(folder, node.id, node.authority.encode())
        validators = [node.validator for node in chain.founders]
        complete_home(folder / "comet", write_genesis(genesis, validators, chain.beginning))
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written: {error}", "Name a folder that was only prepared") from error
    peers = {node.id: node.url for node in others}
    engines = {node.validator.node_id: node.engine() for node in others}
    complete_folder(folder, genesis, msgspec.structs.replace(config, peers=peers, engines=engines))


def create_network(
    directory: Path,
    genesis: Genesis,
    keys: Mapping[MemberId, NodeKeys],
    ports: Sequence[int],
    *,
    hosts: Mapping[MemberId, str] | None = None,
    wide: bool = False,
) -> list[MemberNode]:
    """Make the folders of all cosigners' nodes, on loopback ports of this machine, or on other hosts.

    Args:
        directory: a folder that does not exist, or is empty.
        genesis: the ledger's, whose cosigners have these keys.
        keys: by member.
        ports: three for each node.
        hosts: the address of each node, by member; by default all are on loopback.
        wide: whether the engine waits as long as between continents.

    Raises:
        CannotStart: a folder is there already, or cannot be written.
    """
    members = [cosigner.id for cosigner in genesis.membership.cosigners]
    assert len(ports) == PORTS_EACH * len(members), "three ports a node"
    own, tls, p2p = (dict(zip(members, ports[at::PORTS_EACH], strict=True)) for at in range(PORTS_EACH))
    host = {name: LOOPBACK if hosts is None else hosts[name] for name in members}
    nodes = [
        prepare_node(
            directory / name,
            name,
            keys[name],
            url=f"https://{host[name]}:{tls[name]}",
            p2p=f"{host[name]}:{p2p[name]}",
            now=genesis.created,
        )
        for name in members
    ]
    for node in nodes:
        name = node.id
        comet = Comet(enabled=True, p2p=node.p2p, one_machine=hosts is None, wide=wide)
        config = Config(
            comet=comet,
            cosigner=name,
            listen=Listen(host=host[name], port=own[name]),
            peering=Peering(host=host[name], port=tls[name]),
        )
        complete_node(directory / name, genesis, ChainStart(nodes), nodes, config=config)
    create_durably(directory / TRUST, write_trust(genesis))
    return [
        MemberNode(
            member=node.id,
            folder=directory / node.id,
            url=f"http://{host[node.id]}:{own[node.id]}",
            node_id=node.validator.node_id,
        )
        for node in nodes
    ]


def own_node(folder: Path, network: Network | None) -> NodePart:
    """Find a prepared folder's own node.

    Args:
        folder: what `prepare_node` made.
        network: the network that must have it; nil for a node that only follows at first.

    Raises:
        CannotStart: nothing is prepared there, or the network has another part of this member, or none.
    """
    try:
        own = read_part((folder / PART).read_bytes())
    except (OSError, Malformed) as error:
        raise CannotStart(f"{folder} holds no prepared node: {error}", "Make one: hanse network prepare") from error
    if own.node is None or (network is not None and own not in network.parts):
        raise CannotStart(
            f"the network has not the part of {own.member.id} that lies in {folder}",
            "Send that member.json to whoever puts the parts together, and take the new file",
        )
    return own.node


def add_peer(folder: Path, part: MemberPart, *, observer: bool = False) -> None:
    """Let a node know another member's: its TLS authority, its address, its engine. A running node takes it up.

    Args:
        folder: the node's.
        part: the other's.
        observer: whether its engine may connect though it counts no more: see `engine.comet.admission`.

    Raises:
        CannotStart: the folder is no node's, the part has no node, or is this node's own, or files cannot be written.
    """
    try:
        with alone_with(folder / CONFIG):
            _add_peer(folder, part, observer=observer)
    except OSError as error:
        raise CannotStart(
            f"{folder} holds no node, or cannot be written: {error}", "Name the folder of your own node"
        ) from error


def _add_peer(folder: Path, part: MemberPart, *, observer: bool) -> None:
    held_settings = (folder / CONFIG).read_bytes()
    config = parse_config(held_settings, {})
    node = part.node
    if node is None or node.id == config.cosigner:
        raise CannotStart(f"the part of {part.member.id} is of no other node", "Name another member's member.json")
    name = node.validator.node_id
    held = config.engines.get(name)
    if held is not None and held.member != node.id:
        raise CannotStart(f"the engine {name} is known as {held.member}'s", "Ask both members for their node keys")
    changed = msgspec.structs.replace(
        config,
        peers={**config.peers, node.id: node.url},
        engines={**config.engines, name: node.engine(observer=observer)},
    )
    settings = change_config(held_settings, changed)
    path = peer_path(folder, node.id)
    with alone_with(path):
        replace_durably(path, node.authority.encode())
        replace_durably(folder / CONFIG, settings)


def forget_peer(folder: Path, member: MemberId) -> int:
    """Let a node forget another member's: its engines may not connect any more, and nothing is asked of it.

    Returns:
        How many engines were forgotten.

    Raises:
        CannotStart: the folder is no node's, it knows no such member, or it cannot be written.
    """
    try:
        with alone_with(folder / CONFIG):
            settings = (folder / CONFIG).read_bytes()
            config = parse_config(settings, {})
            kept = {name: engine for name, engine in config.engines.items() if engine.member != member}
            peers = {name: url for name, url in config.peers.items() if name != member}
            if (len(kept), len(peers)) == (len(config.engines), len(config.peers)):
                raise CannotStart(f"{folder} knows no node of {member}", "See [engines] and [peers] in its node.toml")
            changed = msgspec.structs.replace(config, engines=kept, peers=peers)
            path = peer_path(folder, member)
            with alone_with(path):
                replace_durably(folder / CONFIG, change_config(settings, changed))
                path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotStart(f"{folder} holds no node, or cannot be written: {error}", "Name your own node's") from error
    return len(config.engines) - len(kept)


def join_network(folder: Path, network: Network, config: Config, later: Sequence[MemberPart] = ()) -> Genesis:
    """Complete the prepared node in a folder.

    Args:
        folder: what `prepare_node` made.
        network: all founding members' parts: see `own_node`.
        config: the node's settings, but for its peers and how the engines wait.
        later: parts of members who were admitted since, whose nodes are peers too.

    Raises:
        CannotStart: the keys are not the network's, or files cannot be written.
    """
    genesis = network.genesis()
    nodes = [*network.nodes, *(part.node for part in later if part.node is not None)]
    comet = msgspec.structs.replace(config.comet, one_machine=share_a_machine(nodes), wide=network.wide)
    complete_node(
        folder, genesis, ChainStart(network.nodes), nodes, config=msgspec.structs.replace(config, comet=comet)
    )
    create_durably(folder / TRUST, write_trust(genesis))
    return genesis


def share_a_machine(nodes: Sequence[NodePart]) -> bool:
    """Tell whether nodes share an address: engines take two connections from one only where they are told so."""
    hosts = [node.p2p.rpartition(":")[0] for node in nodes]
    return len(set(hosts)) < len(hosts)
