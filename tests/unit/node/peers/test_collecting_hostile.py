"""A node among members that lie: what it asks them ends in nothing, and nothing of it stays."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from hanse_ledger.values.types import MemberId
from hanse_node.peers.collecting import COSIGN, ENGINE, EVIDENCE, GROUP, HEAD, Collector, Peer
from tests.world.hostile import hostile

FORMS = ["gzip-twice", "zstd", "endless-chunks", "tiny-chunks", "too-long", "both-lengths", "early-hints", "one-header"]
PATHS = [COSIGN, ENGINE, EVIDENCE, GROUP, HEAD]


def with_liar(url: str, ask: Callable[[Collector], Awaitable[object]]) -> object:
    """Have a collector that knows one member's node, at an address, ask it something."""

    async def main() -> object:
        collector = Collector(bytes(32), "own", lambda published: None)
        await collector.meet({"bank": Peer(url, ssl.create_default_context())})
        try:
            return await ask(collector)
        finally:
            await collector.close()

    return asyncio.run(main())


@pytest.mark.parametrize("form", FORMS)
def test_a_hostile_member_is_as_one_that_is_away(form: str) -> None:
    """Head, group, engine: whatever a member's node answers, it is nothing, and at once."""
    bank: MemberId = "bank"
    asked: Sequence[Callable[[Collector], Awaitable[object]]] = [
        lambda collector: collector.head_of(bank, 7),
        lambda collector: collector.block_of(bank, 7),
        lambda collector: collector.ask_engine(bank, b"{}"),
    ]
    with hostile({path.removeprefix("/"): form for path in PATHS}) as url:
        begun = time.monotonic()
        for ask in asked:
            assert with_liar(url, ask) is None
        assert time.monotonic() - begun < 10


def test_evidence_is_told_to_a_hostile_member_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers evidence against itself with a bomb is asked a few times more, and then no more."""
    monkeypatch.setattr("hanse_node.peers.collecting.TELL_ATTEMPTS", 3)

    async def tell(collector: Collector) -> object:
        collector.tell(b"evidence")
        while collector._telling:
            await asyncio.sleep(0.02)
        return "given up"

    with hostile({EVIDENCE.removeprefix("/"): "gzip-twice"}) as url:
        assert with_liar(url, tell) == "given up"
