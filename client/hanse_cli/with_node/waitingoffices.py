"""Openings of members' offices, signed where their keys are at hand, and left for a node to send."""

from collections.abc import Mapping
from pathlib import Path

from hanse_cli.with_node.networks import MadeNetwork
from hanse_cli.with_node.nodeerrors import node_errors
from hanse_client.base.clock import DAY_MS, HOUR_MS
from hanse_client.base.errors import NodeFailed
from hanse_client.home.drafts import draft
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.values.types import LedgerId, MemberId, Moment
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.intake.waitingoffices import leave_office

LIFETIME_MS = 7 * DAY_MS - HOUR_MS
"""How long an opening may wait: an hour less than a record may last, since block time may lie behind."""


@node_errors()
def leave_offices(folder: Path, ledger: LedgerId, identities: Mapping[MemberId, Identity], now: Moment) -> None:
    """Have members' offices opened by the node in a folder, once it runs and they are members.

    What an office reads is sealed to the encryption key of the identity that signs.

    Args:
        folder: the node's.
        ledger: the ledger's id.
        identities: of the members whose keys are at hand.
        now: the present in milliseconds since 1970.

    Raises:
        NodeFailed: the folder cannot be written.
    """
    for member, identity in sorted(identities.items()):
        body = OpenOffice(encryption_key=identity.encryption_key, member=member, profile=None)
        signed = draft(body, ledger, (identity.public_key,), now, LIFETIME_MS).sign(identity)
        try:
            leave_office(folder, member, signed.envelope())
        except OSError as error:
            raise NodeFailed(
                f"{folder} cannot be written: {error}.", "Name a folder that this user may write."
            ) from error


def leave_all_offices(network: MadeNetwork, now: Moment) -> None:
    """Have the offices of a new network's members opened: each by its own node, by the first where it runs none.

    Raises:
        NodeFailed: a folder cannot be written.
    """
    folders = {node.member: Path(node.folder) for node in network.nodes}
    first = Path(network.nodes[0].folder)
    ledger = ledger_id(network.genesis)
    for member, identity in network.identities.items():
        leave_offices(folders.get(member, first), ledger, {member: identity}, now)
