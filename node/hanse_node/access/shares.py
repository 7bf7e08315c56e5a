"""All of which a front has only so much, each divided among those who ask."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from anyio import CapacityLimiter

from hanse_node.access.caller import Caller
from hanse_node.access.lane import Lane
from hanse_node.access.purse import Purse
from hanse_node.access.quotas import Buckets
from hanse_node.base.bounds import (
    ACCUSATION_BYTES,
    ACCUSATIONS,
    ACCUSATIONS_BURST,
    ACCUSATIONS_PER_SECOND,
    ANSWERS_BYTES,
    BODIES_BYTES,
    COMPARED_BLOCKS,
    COSIGN_WAITS,
    COSIGNING,
    HEAD_WAITS,
    PAYLOAD_PEER_READS,
    PAYLOAD_REQUESTS_BURST,
    PAYLOAD_REQUESTS_PER_SECOND,
    PEER_BODIES_BYTES,
    PEER_REQUESTS,
    PEER_REQUESTS_BURST,
    PEER_REQUESTS_PER_SECOND,
    PEER_WAITING,
    PROOFS,
    PROOFS_WAITING,
    READS,
    READS_WAITING,
    RECORDS_THREADS,
    SUBSCRIBERS,
)
from hanse_node.base.errors import QuotaExceeded

WORD_SECONDS = 1.0
"""So long somebody who asks too often waits for that word: he could ask again at once."""


class Shares:
    """What the front of clients divides. Health has no share: nothing of others' load may take it away."""

    def __init__(self, callers: Callable[[], int] = lambda: 1, *, records: int = 10_000) -> None:
        """Begin with nothing taken.

        Args:
            callers: tells how many have a share set aside: the tokens, and one for all who bear none.
            records: how many records may be on their way together.
        """
        self.bodies = Purse("bytes of bodies that are being sent", BODIES_BYTES, callers)
        self.answers = Purse("bytes of answers that are being read", ANSWERS_BYTES, callers)
        self.records = Purse("records on their way", records, callers)
        self.streams = Purse("event streams", SUBSCRIBERS, callers)
        self.proofs = Lane("proofs", PROOFS, PROOFS_WAITING, callers)
        self.reads = Lane("reads", READS, READS_WAITING, callers)
        self.writing, self.measuring = CapacityLimiter(RECORDS_THREADS), CapacityLimiter(1)
        """Threads for records, and for measures, alone: readers hold up nobody who writes or looks after the node."""

    def lane(self, method: str, path: str) -> Lane | None:
        """Say where a request waits for its turn; nil where it needs none before it knows more of itself."""
        if path in WITHOUT_TURN or (method == "POST" and path in SENT) or method == "PUT":
            return None  # what is sent takes its turn when it has come: nobody holds a place with a slow body
        if path in ("/v1/proof", "/v1/proposals") or (path.startswith("/v1/records/") and path.endswith("/proof")):
            return self.proofs
        return self.reads


SENT = frozenset({"/v1/records", "/v1/tags"})
"""Where bodies are posted."""

WITHOUT_TURN = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json", "/v1/events", "/log/checkpoint"})
"""What takes no thread of the readers': health, what is in memory, and streams, which have a bound of their own."""


class PeerShares:
    """What the listener for members' nodes divides: what f of them do takes nothing from the others."""

    def __init__(self, members: Callable[[], int]) -> None:
        """Begin with nothing taken; `members` tells how many have a share set aside."""
        self.bodies = Purse("bytes of bodies that are being sent", PEER_BODIES_BYTES, members)
        self.answers = Purse("bytes of answers that are being read", ANSWERS_BYTES, members)
        self.requests = Purse("requests of members' nodes", PEER_REQUESTS, members)
        self.commits = Purse("heads that wait for this node's commit", COSIGN_WAITS, members)
        self.heads = Purse("nodes that wait for the next head", HEAD_WAITS, members)
        self.cosigning = Lane("heads to cosign", COSIGNING, PEER_WAITING, members)
        self.blocks = Lane("blocks to compare", COMPARED_BLOCKS, PEER_WAITING, members)
        self.accusations = Lane("files of evidence", ACCUSATIONS, PEER_WAITING, members)
        self.payloads = Lane("sealed documents", PAYLOAD_PEER_READS, PEER_WAITING, members)
        self._asked = Buckets(PEER_REQUESTS_PER_SECOND, PEER_REQUESTS_BURST, monotonic)
        self._documents = Buckets(PAYLOAD_REQUESTS_PER_SECOND, PAYLOAD_REQUESTS_BURST, monotonic)
        self._accused = Buckets(ACCUSATIONS_PER_SECOND, ACCUSATIONS_BURST, monotonic)

    @asynccontextmanager
    async def request(self, caller: Caller) -> AsyncIterator[None]:
        """Let a member's node ask. Raises QuotaExceeded."""
        async with self._counted(self._asked, caller, PEER_REQUESTS_PER_SECOND):
            yield

    @asynccontextmanager
    async def document_request(self, caller: Caller) -> AsyncIterator[None]:
        """Let a member's node ask for a sealed document, or offer one, which takes nothing from what else it asks.

        Raises QuotaExceeded.
        """
        async with self._counted(self._documents, caller, PAYLOAD_REQUESTS_PER_SECOND):
            yield

    @asynccontextmanager
    async def _counted(self, asked: Buckets, caller: Caller, most: int) -> AsyncIterator[None]:
        with self.requests.held(caller):
            if asked.level(caller) < 1:
                await asyncio.sleep(WORD_SECONDS)
                raise QuotaExceeded(
                    f"{caller.name} asks more than {most} times a second", asked.seconds_until(caller, 1)
                )
            asked.take(caller, 1)
            yield

    def accuse(self, caller: Caller) -> None:
        """Let a member's node send a file of evidence. Raises QuotaExceeded."""
        if self._accused.level(caller) < 1:
            raise QuotaExceeded(f"{caller.name} sends much evidence", self._accused.seconds_until(caller, 1))
        self._accused.take(caller, 1)

    def weigh(self, caller: Caller, size: int) -> None:
        """Count the bytes of evidence that has come: judging them takes time, whatever they prove."""
        self._accused.take(caller, size / ACCUSATION_BYTES)
