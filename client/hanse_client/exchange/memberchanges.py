"""How the members change: taken over from a node only with every change proven in its place under a head.

The records that change the members bear the members' own signatures, but not their places: these stand in the log
alone, under heads that a quorum has signed. A true vote in a false place would contradict every later proof.
"""

from collections.abc import Awaitable, Callable

from anyio import sleep

from hanse_client.base.errors import BadAnswer, LedgerChanged
from hanse_client.base.views import Head
from hanse_client.exchange.tiles import Tiles
from hanse_client.verify.heads import read_head
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf

ATTEMPTS, PAUSE_S = 5, 0.2
"""A node, or another one that is asked, may show a change a moment before the head that covers it."""


def follow_shown(known: TrustFile, data: bytes) -> TrustFile:
    """Follow the members as a node's trust file has them; give those who are known where it has nothing newer.

    Raises:
        BadAnswer: it is no trust file, of another ledger, or does not follow from what is known.
    """
    try:
        shown = read_trust(data)
        if shown.ledger != known.ledger:
            raise LedgerChanged(shown.ledger.hex(), known.ledger.hex())
        return known.following(shown)
    except (Malformed, ProofInvalid) as error:
        raise BadAnswer(f"The node's trust file does not follow from the trusted members: {error}.") from error


async def prove_places(
    fetch_head: Callable[[], Awaitable[bytes]], tiles: Tiles, proposed: TrustFile, known: TrustFile
) -> Head:
    """Prove that each change that is not known stands in its place.

    Args:
        fetch_head: fetches the newest head of a node.
        tiles: the node's.
        proposed: the members with all changes.
        known: the members as they were known.

    Returns:
        The head under which it was proven: signed by its log and a quorum of the members that are found.

    Raises:
        BadAnswer: a change stands elsewhere, or under no head; or the head or the tiles do not verify.
    """
    trusted = set(known.changes)
    new = [(decode_entry(data).position, hash_leaf(data)) for data in proposed.changes if data not in trusted]
    last = max((position for position, _ in new), default=0)
    for attempt in range(ATTEMPTS):
        if attempt:
            await sleep(PAUSE_S)
        head = read_head(await fetch_head(), proposed)
        if head.size > last:
            break
    else:
        raise BadAnswer(f"The node shows a change of the members at {last}, behind the end of its log.")
    for position, leaf in new:
        path = await tiles.inclusion(position, head)
        try:
            verify_inclusion(leaf, position, head.size, path, head.root)
        except ProofInvalid as error:
            raise BadAnswer(
                f"The change of the members does not stand at {position}, where the node shows it: {error}."
            ) from error
    return head
