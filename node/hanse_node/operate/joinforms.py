"""What members send each other to make a network, or to join one: public keys, and where their nodes are reached.

Nothing secret is in these files; docs/formats/network.md describes them.
"""

import secrets
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import MemberId, Moment, Name
from hanse_ledger.wire.genesis import GENESIS_VERSION, Genesis, founding_membership
from hanse_ledger.wire.membership import Cosigner, Member, RawEd25519
from hanse_node.base.addresses import Address, Certificate, HostPort
from hanse_node.base.config import KnownEngine
from hanse_node.comet.program.home import Validator

PART = "member.json"
PART_FORMAT, NETWORK_FORMAT = "hanse.member/2", "hanse.network/2"
PART_BYTES, NETWORK_BYTES = 64 * 1024, 4 * 1024 * 1024


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class NodePart(_Part, frozen=True, kw_only=True):
    """A member's node as the others must know it: public keys, and where it is reached.

    Attributes:
        authority: the member's TLS authority, X.509 in PEM.
        cosigning_key: vouches for heads.
        id: the member's.
        log_key: signs as the log.
        node_key: names the engine among its peers.
        p2p: where the engine is reached.
        url: where the node answers the other members' nodes, perhaps with a path.
        validator_key: signs blocks.
    """

    authority: Certificate
    cosigning_key: RawEd25519
    id: MemberId
    log_key: RawEd25519
    node_key: RawEd25519
    p2p: HostPort
    url: Address
    validator_key: RawEd25519

    @property
    def cosigner(self) -> Cosigner:
        """The node as the genesis names it."""
        return Cosigner(
            cosigning_key=self.cosigning_key,
            id=self.id,
            log_key=self.log_key,
            ml_dsa_key=None,
            validator_key=self.validator_key,
        )

    @property
    def validator(self) -> Validator:
        """The node as the engine's genesis names it."""
        return Validator(name=self.id, validator_key=self.validator_key, node_key=self.node_key)

    def engine(self, *, observer: bool = False) -> KnownEngine:
        """Its engine as others' settings name it."""
        return KnownEngine(address=self.p2p, member=self.id, observer=observer, validator_key=self.validator_key.hex())


class MemberPart(_Part, frozen=True, kw_only=True):
    """What a member sends to the others.

    Attributes:
        format: `hanse.member/2`.
        member: who it is, as the genesis has it.
        node: its node; nil if it runs none.
    """

    format: str = msgspec.field(name="@type")
    member: Member
    node: NodePart | None


class Network(_Part, frozen=True, kw_only=True):
    """All parts together: from it follow the ledger's genesis and its engine's.

    Attributes:
        format: `hanse.network/2`.
        created: when the ledger is founded.
        name: the ledger's.
        nonce: random; makes the ledger unique.
        parts: in the order of the members' ids.
        wide: whether engines wait as long as between distant places.
    """

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
        return Genesis(
            created=self.created, membership=membership, name=self.name, nonce=self.nonce, version=GENESIS_VERSION
        )


_part_decoder, _network_decoder = msgspec.json.Decoder(MemberPart), msgspec.json.Decoder(Network)


def write_part(member: Member, node: NodePart | None) -> bytes:
    """Write a member's part: canonical JSON."""
    return encode_json(MemberPart(format=PART_FORMAT, member=member, node=node))


def read_part(data: bytes) -> MemberPart:
    """Read what `write_part` wrote. Raises Malformed."""
    part = decode_json(data, _part_decoder, what="part", most=PART_BYTES, form=PART_FORMAT)
    if part.node is not None and part.node.id != part.member.id:
        raise Malformed(f"the part of {part.member.id} names the node {part.node.id}, which is not its own")
    return part


_NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
"""Has the form alone: it stands for the one that is not made yet."""


def check_part(member: Member, url: str, p2p: str) -> None:
    """Insist, before anything is made, that a member and its node's addresses can stand in a part. Raises Malformed."""
    none = bytes(32)
    node = NodePart(
        authority=_NO_CERTIFICATE,
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
    forms = [read_part(data) for data in parts]
    ordered = sorted(forms, key=lambda part: part.member.id)
    nonce = hash_bytes(b"".join(encode_json(part) for part in ordered) + secrets.token_bytes(16))[:16]
    network = Network(format=NETWORK_FORMAT, created=now, name=name, nonce=nonce, parts=tuple(ordered), wide=wide)
    data = encode_json(network)
    read_network(data)
    return data


def read_network(data: bytes) -> Network:
    """Read what `assemble` wrote. Raises Malformed."""
    network = decode_json(data, _network_decoder, what="network", most=NETWORK_BYTES, form=NETWORK_FORMAT)
    if len({node.node_key for node in network.nodes}) < len(network.nodes):
        raise Malformed("network: two nodes have the same node key", pointer="/parts")
    network.genesis()
    return network
