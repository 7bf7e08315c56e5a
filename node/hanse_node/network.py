"""A consortium's network: a folder for each member's node, all of one genesis, and of one engine genesis.

For trying, all folders are made on one machine, with every key. For real use each member makes its own and the public
parts are exchanged; that is not here yet.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from nacl.signing import SigningKey

from hanse_ledger.trust import Cosigner, Genesis, write_trust
from hanse_ledger.types import MemberId
from hanse_node.config import Comet, Config, Listen, Peering
from hanse_node.durable import create_durably, write_durably
from hanse_node.engine.comet.home import NEAR, WIDE, Validator, create_home, write_genesis, write_settings
from hanse_node.errors import CannotStart
from hanse_node.folder import create_folder
from hanse_node.tls import FOLDER as TLS
from hanse_node.tls import PEERS, create_authority

LOOPBACK = "127.0.0.1"
TRUST = "trust.json"
PORTS_EACH = 4
"""A node's own, that for other members' nodes, and its engine's for peers and for the node."""


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
    validators = {
        name: Validator(
            name=name,
            validator_key=keys[name].validator.verify_key.encode(),
            node_key=keys[name].node.verify_key.encode(),
        )
        for name in members
    }
    engine_genesis = write_genesis(genesis, list(validators.values()))
    own, tls, p2p, rpc = (dict(zip(members, ports[at::PORTS_EACH], strict=True)) for at in range(PORTS_EACH))
    host = {name: LOOPBACK if hosts is None else hosts[name] for name in members}
    urls = {name: f"http://{host[name]}:{own[name]}" for name in members}
    among = {name: f"https://{host[name]}:{tls[name]}" for name in members}
    peers = {name: f"{validators[name].node_id}@{host[name]}:{p2p[name]}" for name in members}
    made, authorities = [], dict[MemberId, bytes]()
    for name in members:
        folder, held = directory / name, keys[name]
        config = Config(
            comet=Comet(enabled=True, rpc_port=rpc[name]),
            cosigner=name,
            listen=Listen(host=host[name], port=own[name]),
            peering=Peering(host=host[name], port=tls[name]),
            peers={other: url for other, url in among.items() if other != name},
        )
        create_folder(folder, genesis, log_seed=held.log_seed, cosigning_seed=held.cosigning_seed, config=config)
        settings = write_settings(
            name=name,
            p2p=f"{host[name]}:{p2p[name]}",
            rpc=f"{LOOPBACK}:{rpc[name]}",
            application=(folder / "abci.sock").absolute(),
            peers=[address for other, address in peers.items() if other != name],
            timing=WIDE if wide else NEAR,
            one_machine=hosts is None,
        )
        try:
            create_home(folder / "comet", engine_genesis, settings, held.validator, held.node)
            authorities[name] = create_authority(folder, name, genesis.created)
        except OSError as error:
            raise CannotStart(f"{folder} cannot be written: {error}", "Name an empty folder") from error
        made.append(MemberNode(member=name, folder=folder, url=urls[name], node_id=validators[name].node_id))
    for each in made:
        for name, authority in authorities.items():
            if name != each.member:
                write_durably(each.folder / TLS / PEERS / f"{name}.pem", authority)
    create_durably(directory / TRUST, write_trust(genesis))
    return made
