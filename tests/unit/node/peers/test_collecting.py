"""Signatures are collected from members whose addresses come, and change, while they are asked."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.wire.membership import Membership
from hanse_node.peers.collecting import Collector, Peer
from hanse_node.signing import tls
from hanse_node.store.reads import Published
from tests.world.peer_listener import PeerListener, peer_listener

SOON_SECONDS = 20


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PeerListener]:
    """Run the market's listener; certificates of these tests count now."""
    monkeypatch.setattr(tls, "GRACE", timedelta(days=3_650))
    with peer_listener(tmp_path) as running:
        yield running


class Bank:
    """The bank's collector: two are a quorum, and the market is the only other member that can be met."""

    def __init__(self, market: PeerListener) -> None:
        self._market, self.shown = market, asyncio.Queue[Published]()
        loop = asyncio.get_running_loop()
        store = market.node.store
        self.collector = Collector(
            store.ledger, "bank", lambda signed: loop.call_soon_threadsafe(self.shown.put_nowait, signed)
        )

    def peers(self) -> dict[str, Peer]:
        """Say where the market's node is, as settings that are read once more say it."""
        return {"market": Peer(f"https://127.0.0.1:{self._market.port}", self._market.context("bank"))}

    def collect(self) -> None:
        """Begin to collect for the present head."""
        head = self._market.node.store.head
        note = self._market.head("bank", head.size, head.root).decode()
        self.collector.collect(Published(head.size, note), self._members())

    async def vouched(self) -> int:
        """Wait for the head with its quorum; tell how many have signed it."""
        signed = await asyncio.wait_for(self.shown.get(), SOON_SECONDS)
        return len(parse_note(signed.note.encode()).signatures)

    def _members(self) -> Membership:
        membership = self._market.node.store.head.membership
        return replace(membership, parameters=replace(membership.parameters, quorum=2))


def test_a_member_that_is_met_later_is_asked_too(market: PeerListener) -> None:
    """A head that was signed while nobody's address was known gets its quorum when they are."""

    async def run() -> int:
        bank = Bank(market)
        try:
            bank.collect()
            await asyncio.sleep(0.1)
            await bank.collector.meet(bank.peers())
            return await bank.vouched()
        finally:
            await bank.collector.close()

    assert asyncio.run(run()) == 2


def test_members_may_be_met_again_in_the_middle_of_it(market: PeerListener) -> None:
    """Settings that are read again, twice at once too, and with new certificates, leave everybody known at any time."""

    async def run() -> int:
        bank = Bank(market)
        try:
            await bank.collector.meet(bank.peers())
            for at_once in (1, 2, 1, 2):
                bank.collect()
                await bank.vouched()  # so that there is a connection to close
                met = [asyncio.create_task(bank.collector.meet(bank.peers())) for _ in range(at_once)]
                while not all(each.done() for each in met):
                    assert bank.collector.met == ("market",)
                    bank.collect()
                    await asyncio.sleep(0)
                await asyncio.gather(*met)
            return await bank.vouched()
        finally:
            await bank.collector.close()

    assert asyncio.run(run()) == 2
