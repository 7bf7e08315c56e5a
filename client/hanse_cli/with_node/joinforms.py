"""What members exchange to make a network: read, shown, and made into a node's settings."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hanse_cli.base.console import table
from hanse_cli.base.files import read_file
from hanse_cli.base.session import answer
from hanse_cli.base.values import host_and_port, in_groups
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.base.config import Comet, Config, Listen, Peering
from hanse_node.operate import joinforms
from hanse_node.operate.joinforms import MemberPart, Network, NodePart


def settings_of(
    own: NodePart,
    listen: str,
    peering: str | None,
    p2p: str | None,
    database: str,
    *,
    follow: bool,
    snapshot: bool = False,
    wide: bool = False,
) -> Config:
    """Make the settings of a consortium's node from a command's options; `own` is its part. Raises InvalidInput."""
    host, port = host_and_port(listen)
    peer_host, peer_port = host_and_port(peering or own.url.removeprefix("https://"))
    return Config(
        comet=Comet(enabled=True, p2p=p2p or own.p2p, snapshot=snapshot, wide=wide),
        cosigner=own.id,
        database=database,
        follow=follow,
        listen=Listen(host=host, port=port),
        peering=Peering(host=peer_host, port=peer_port),
    )


def part_of(path: Path) -> MemberPart:
    """Read a member's part. Raises InvalidInput."""
    try:
        return joinforms.read_part(read_file(path, joinforms.PART_BYTES, "part"))
    except Malformed as error:
        raise InvalidInput(f"{path} is no part: {error.detail}.", "Get that member's member.json.") from error


def network_of(path: Path) -> Network:
    """Read the file with all parts. Raises InvalidInput."""
    try:
        return joinforms.read_network(read_file(path, joinforms.NETWORK_BYTES, "network"))
    except Malformed as error:
        raise InvalidInput(f"{path} is no network: {error.detail}.", "Get it anew.") from error


def fingerprint_of(part: MemberPart) -> bytes:
    """Hash a member's part, so that it can be compared by telephone."""
    return hash_bytes(joinforms.write_part(part.member, part.node))


def taken_parts(parts: Sequence[MemberPart]) -> Iterator[tuple[str, str]]:
    """List what members' parts say of them, and the fingerprint of each, which they can read out."""
    for part in parts:
        member, node = part.member, part.node
        yield member.id, f"{member.name} ({', '.join(member.roles)})"
        for held in member.keys:
            yield "  signs with", held.key.hex()
        if node is not None:
            yield "  is reached at", node.url
            yield "  its engine at", f"{node.validator.node_id}@{node.p2p}"
        yield "  fingerprint", in_groups(fingerprint_of(part))


def answer_network(network: Network, file: Path, *, as_json: bool) -> None:
    """Give what a network's file says: its ledger, quorum and members."""
    genesis = network.genesis()
    ledger, quorum = ledger_id(genesis), genesis.membership.parameters.quorum
    members = [part.member for part in network.parts]
    document = {
        "ledger": ledger,
        "name": genesis.name,
        "quorum": quorum,
        "members": [{"id": member.id, "name": member.name, "roles": member.roles} for member in members],
        "file": str(file),
    }
    rows = [
        ("ledger", ledger.hex()),
        ("fingerprint", in_groups(ledger)),
        ("name", genesis.name),
        ("quorum", f"{quorum} of {len(network.nodes)}"),
        *((member.id, f"{member.name} ({', '.join(member.roles)})") for member in members),
        ("file", str(file)),
    ]
    answer(document, table(rows), as_json=as_json)
