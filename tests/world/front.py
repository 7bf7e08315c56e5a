"""A whole node inside the test: a real folder, store and engine, and its HTTP front without a socket."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis
from hanse_node.access.quotas import QuotaKeeper
from hanse_node.api.access import Access
from hanse_node.api.app import create_app
from hanse_node.api.edge.signedaccess import SignedAccess
from hanse_node.base.config import DATABASE, Config, Limits, PublishedProofs, Quotas, SealedDocuments
from hanse_node.base.folder import create_folder, open_folder
from hanse_node.base.metrics import Metrics
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.feed import Feed
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.peers.evidences import Evidences, members_of, own_log
from hanse_node.service import Service
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.sql import SqlLedgerStore
from tests.world.node_ledger import COSIGN, GENESIS, HOUR, LOG, fixed_clock

BATCH = "application/vnd.hanse.envelopes+msgpack"
ONE = "application/vnd.hanse.envelope+msgpack"

ANYBODY = Access()


class Front:
    """A node's parts, and requests to it."""

    def __init__(
        self,
        store: SqlLedgerStore,
        signer: HeadSigner,
        engine: EmbeddedEngine,
        service: Service,
        ask: Callable[..., httpx2.Response],
        app: FastAPI,
        access: Access,
    ) -> None:
        self.store, self.engine, self.service, self._ask, self.app = store, engine, service, ask, app
        self.signer, self.access = signer, access

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Ask for a path."""
        return self._ask("GET", path, headers=headers)

    def request(self, method: str, path: str, **what: Any) -> httpx2.Response:
        """Ask for anything, in whatever way."""
        return self._ask(method, path, **what)

    def post(
        self,
        content: object,
        media_type: str,
        query: str = "",
        path: str = "/v1/records",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send a body: bytes, or an iterator that is sent without its length."""
        return self._ask("POST", path + query, content=content, headers={"content-type": media_type, **(headers or {})})

    def batch(self, *records: Signed | bytes, query: str = "") -> httpx2.Response:
        """Send records, or envelopes' bytes, as one batch."""
        envelopes = [each if isinstance(each, bytes) else encode(each.envelope) for each in records]
        return self.post(msgspec.msgpack.encode(envelopes), BATCH, query)

    def results(self, *records: Signed | bytes, query: str = "") -> list[dict[str, Any]]:
        """Send a batch that must be answered, and give what became of each record."""
        answer = self.batch(*records, query=query)
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        assert isinstance(results, list)
        return results

    def must_stand(self, records: Sequence[Signed]) -> None:
        """Send records, a few hundred at a time, all of which must be created."""
        for at in range(0, len(records), 500):
            assert {each["outcome"] for each in self.results(*records[at : at + 500])} == {"created"}


def _app(
    service: Service, store: SqlLedgerStore, metrics: Metrics, access: Access, clock: Callable[[], Moment]
) -> FastAPI:
    """Make the front, which takes signed requests where it asks for tokens."""
    signed = SignedAccess(service.keyowners.who, store.ledger, clock, begun=clock() - HOUR, names=("node",))
    return create_app(service, Feed(service.events.read, service.events.tells), metrics, access, signed=signed)


@contextmanager
def _asking(app: FastAPI) -> Iterator[Callable[..., httpx2.Response]]:
    """Ask an app, from the thread of a test."""
    with start_blocking_portal() as portal:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)

        async def ask(method: str, url: str, **what: Any) -> httpx2.Response:
            async with httpx2.AsyncClient(transport=transport, base_url="http://node") as client:
                return await client.request(method, url, **what)

        yield lambda method, url, **what: portal.call(lambda: ask(method, url, **what))


@contextmanager
def front(
    path: Path,
    genesis: Genesis = GENESIS,
    *,
    seeds: tuple[bytes, bytes] = (LOG, COSIGN),
    cosigner: str = "market",
    clock: Callable[[], Moment] | None = None,
    access: Access = ANYBODY,
    limits: Limits | None = None,
    quotas: Quotas | None = None,
    publishing: PublishedProofs | None = None,
    payloads: SealedDocuments | None = None,
    database: str = DATABASE,
    alone: bool = True,
) -> Iterator[Front]:
    """Create a node in a folder and run it, without a socket.

    Args:
        path: a folder that does not exist.
        genesis: the ledger's genesis.
        seeds: of the log's key and the cosigning key.
        cosigner: which of the genesis's cosigners the node is.
        clock: the present; it stands still an hour after the ledger of `node_ledger` begins unless given.
        access: what requests must show.
        limits: how much it takes on.
        quotas: how much one sender may send.
        publishing: how much is published.
        payloads: how many sealed documents lie here.
        database: where the ledger is.
        alone: whether its own engine orders records. If not, who asks brings blocks, and has their heads shown.
    """
    clock = clock or fixed_clock()
    config = Config(
        cosigner=cosigner,
        database=database,
        limits=limits or Limits(),
        payloads=payloads or SealedDocuments(),
        publishing=publishing or PublishedProofs(),
    )
    create_folder(path, genesis, log_seed=seeds[0], cosigning_seed=seeds[1], config=config)
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, clock, alone=alone)
        engine = EmbeddedEngine(store, signer, clock=clock, bounds=config.limits)
        if alone:
            engine.start()
        metrics, evidences = Metrics(), Evidences(path, members_of(store), own=own_log(store))
        service = Service(store, engine, signer, metrics, QuotaKeeper(quotas or Quotas()), evidences, config, clock)
        app = _app(service, store, metrics, access, clock)
        logging.getLogger("hanse_node").setLevel(logging.CRITICAL + 1)  # what it logs is another test's
        try:
            with _asking(app) as asked:
                yield Front(store, signer, engine, service, asked, app, access)
        finally:
            logging.getLogger("hanse_node").setLevel(logging.NOTSET)
            engine.stop()
            store.close()
