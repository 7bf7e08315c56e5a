"""A consortium's network: a folder for each member's node, all of one genesis, and of one engine genesis.

For trying, all folders are made on one machine. For real use each member prepares its own, and sends its part: who it
is, its public keys, and where its node is reached. The parts are put together into one file, from which each member
completes its folder; the ledger's id follows from that file, and is what members compare by telephone.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from nacl.signing import SigningKey

from hanse_ledger import limits
from hanse_ledger.errors import Malformed
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.jsonform import decode_json, encode_json
from hanse_ledger.membership import Cosigner, Member, Name, RawEd25519
from hanse_ledger.trust import Genesis, founding_membership
from hanse_ledger.trustfile import write_trust
from hanse_ledger.types import MemberId, Moment
from hanse_node.config import Address, Comet, Config, Listen, Peering
from hanse_node.durable import create_durably, write_durably
from hanse_node.engine.comet.home import (
    NEAR,
    WIDE,
    Validator,
    complete_home,
    create_engine_keys,
    write_genesis,
    write_settings,
)
from hanse_node.errors import CannotStart
from hanse_node.folder import complete_folder, create_keys
from hanse_node.tls import FOLDER as TLS
from hanse_node.tls import PEERS, create_authority

LOOPBACK = "127.0.0.1"
TRUST, PART = "trust.json", "member.json"
PORTS_EACH = 4
"""A node's own, that for other members' nodes, and its engine's for peers and for the node."""

PART_FORMAT, NETWORK_FORMAT = "hanse.member/1", "hanse.network/1"
PART_BYTES, NETWORK_BYTES = 64 * 1024, 4 * 1024 * 1024

_Place = Annotated[str, Meta(min_length=1, max_length=limits.TEXT)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class NodePart(_Part, frozen=True, kw_only=True):
    """A member's node as the others must know it: public keys, and where it is reached.

    `authority` is the PEM of the member's TLS authority, `p2p` the engine's `host:port`, `url` where the node answers
    the other members' nodes.
    """

    authority: Annotated[str, Meta(max_length=16 * 1024)]
    cosigning_key: RawEd25519
    id: MemberId
    log_key: RawEd25519
    node_key: RawEd25519
    p2p: _Place
    url: Address
    validator_key: RawEd25519

    @property
    def cosigner(self) -> Cosigner:
        """The node as the genesis names it."""
        return Cosigner(cosigning_key=self.cosigning_key, id=self.id, log_key=self.log_key, ml_dsa_key=None)

    @property
    def validator(self) -> Validator:
        """The node as the engine's genesis names it."""
        return Validator(name=self.id, validator_key=self.validator_key, node_key=self.node_key)

    @property
    def address(self) -> str:
        """Where its engine's peers find it."""
        return f"{self.validator.node_id}@{self.p2p}"


class MemberPart(_Part, frozen=True, kw_only=True):
    """What a member sends to the others: who it is, and its node, if it runs one."""

    format: str = msgspec.field(name="@type")
    member: Member
    node: NodePart | None


class Network(_Part, frozen=True, kw_only=True):
    """All parts together: from it follow the ledger's genesis and its engine's. `wide` says how long engines wait."""

    format: str = msgspec.field(name="@type")
    created: Moment
    name: Name
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]
    parts: Annotated[tuple[MemberPart, ...], Meta(min_length=1, max_length=limits.MEMBERS)]
    wide: bool

    @property
    def nodes(self) -> tuple[NodePart, ...]:
        """The nodes, in the order of their members."""
        return tuple(part.node for part in self.parts if part.node is not None)

    def genesis(self) -> Genesis:
        """Make the ledger's genesis: more than two thirds of the nodes are a quorum. Raises Malformed."""
        members, cosigners = [part.member for part in self.parts], [node.cosigner for node in self.nodes]
        membership = founding_membership(members, cosigners)
        return Genesis(created=self.created, membership=membership, name=self.name, nonce=self.nonce, version=1)


_part_decoder, _network_decoder = msgspec.json.Decoder(MemberPart), msgspec.json.Decoder(Network)


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
        )


class MemberNode(Struct, frozen=True, kw_only=True):
    """Where a member's node is, and by what its engine is known to the others."""

    member: MemberId
    folder: Path
    url: str
    node_id: str


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
    nodes: Sequence[NodePart],
    *,
    config: Config,
    p2p: str,
    wide: bool,
    one_machine: bool = False,
) -> None:
    """Give a prepared node its ledger, its engine's network, and the other members' certificates.

    Args:
        folder: what `prepare_node` made.
        genesis: the ledger's.
        nodes: all of the network's, this one among them.
        config: the node's settings, but for its peers.
        p2p: where its engine listens, `host:port`.
        wide: whether engines wait as long as between continents.
        one_machine: whether several nodes share an address.

    Raises:
        CannotStart: the keys are not the genesis's, or files cannot be written.
    """
    others = [node for node in nodes if node.id != config.cosigner]
    settings = write_settings(
        name=config.cosigner,
        p2p=p2p,
        rpc=f"{LOOPBACK}:{config.comet.rpc_port}",
        application=(folder / "abci.sock").absolute(),
        peers=[node.address for node in others],
        timing=WIDE if wide else NEAR,
        one_machine=one_machine,
    )
    try:
        for node in others:
            write_durably(folder / TLS / PEERS / f"{node.id}.pem", node.authority.encode())
        complete_home(folder / "comet", write_genesis(genesis, [node.validator for node in nodes]), settings)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written: {error}", "Name a folder that was only prepared") from error
    peers = {node.id: node.url for node in others}
    complete_folder(folder, genesis, msgspec.structs.replace(config, peers=peers))


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
        ports: four for each node.
        hosts: the address of each node, by member; by default all are on loopback.
        wide: whether the engine waits as long as between continents.

    Raises:
        CannotStart: a folder is there already, or cannot be written.
    """
    members = [each.id for each in genesis.membership.cosigners]
    assert len(ports) == PORTS_EACH * len(members), "four ports a node"
    own, tls, p2p, rpc = (dict(zip(members, ports[at::PORTS_EACH], strict=True)) for at in range(PORTS_EACH))
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
        config = Config(
            comet=Comet(enabled=True, rpc_port=rpc[name]),
            cosigner=name,
            listen=Listen(host=host[name], port=own[name]),
            peering=Peering(host=host[name], port=tls[name]),
        )
        complete_node(
            directory / name, genesis, nodes, config=config, p2p=node.p2p, wide=wide, one_machine=hosts is None
        )
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


def write_part(member: Member, node: NodePart | None) -> bytes:
    """Write a member's part: canonical JSON."""
    return encode_json(MemberPart(format=PART_FORMAT, member=member, node=node))


def check_part(member: Member, url: str, p2p: str) -> None:
    """Insist, before anything is made, that a member and its node's addresses can stand in a part. Raises Malformed."""
    none = bytes(32)
    node = NodePart(
        authority="",
        cosigning_key=none,
        id=member.id,
        log_key=none,
        node_key=none,
        p2p=p2p,
        url=url,
        validator_key=none,
    )
    decode_json(write_part(member, node), _part_decoder, what="part", most=PART_BYTES)


def assemble(parts: Sequence[bytes], name: str, now: Moment, *, wide: bool) -> bytes:
    """Put members' parts together into the one file from which all complete their nodes.

    Args:
        parts: what each has sent.
        name: the ledger's.
        now: when it begins, in milliseconds since 1970.
        wide: whether engines wait as long as between continents.

    Raises:
        Malformed: a part is none, or the members do not fit each other.
    """
    found = [decode_json(data, _part_decoder, what="part", most=PART_BYTES) for data in parts]
    for part in found:
        if part.format != PART_FORMAT or (part.node is not None and part.node.id != part.member.id):
            raise Malformed(f"the part of {part.member.id} is not of the format {PART_FORMAT}, or not its own")
    ordered = sorted(found, key=lambda part: part.member.id)
    nonce = hash_bytes(b"".join(encode_json(part) for part in ordered) + secrets.token_bytes(16))[:16]
    made = Network(format=NETWORK_FORMAT, created=now, name=name, nonce=nonce, parts=tuple(ordered), wide=wide)
    made.genesis()
    return encode_json(made)


def read_network(data: bytes) -> Network:
    """Read what `assemble` wrote. Raises Malformed."""
    found = decode_json(data, _network_decoder, what="network", most=NETWORK_BYTES)
    if found.format != NETWORK_FORMAT:
        raise Malformed(f"network: format is not {NETWORK_FORMAT}", pointer="/@type")
    found.genesis()
    return found


def own_node(folder: Path, network: Network) -> NodePart:
    """Find a prepared folder's own node in a network.

    Raises:
        CannotStart: nothing is prepared there, or the network has another part of this member, or none.
    """
    try:
        own = decode_json((folder / PART).read_bytes(), _part_decoder, what=PART, most=PART_BYTES)
    except (OSError, Malformed) as error:
        raise CannotStart(f"{folder} holds no prepared node: {error}", "Make one: hanse network prepare") from error
    if own not in network.parts or own.node is None:
        raise CannotStart(
            f"the network has not the part of {own.member.id} that lies in {folder}",
            "Send that member.json to whoever puts the parts together, and take the new file",
        )
    return own.node


def join_network(folder: Path, network: Network, config: Config, p2p: str) -> Genesis:
    """Complete the prepared node in a folder.

    Args:
        folder: what `prepare_node` made.
        network: all members' parts, this one's among them: see `own_node`.
        config: the node's settings, but for its peers.
        p2p: where its engine listens, `host:port`.

    Raises:
        CannotStart: the keys are not the network's, or files cannot be written.
    """
    genesis = network.genesis()
    complete_node(folder, genesis, network.nodes, config=config, p2p=p2p, wide=network.wide)
    create_durably(folder / TRUST, write_trust(genesis))
    return genesis
