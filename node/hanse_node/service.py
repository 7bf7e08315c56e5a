"""The use cases of a node, by what they are about. They block; the front runs them beside its event loop.

Each is given first who asks. Whether he may ask at all is decided before (`api.access`, `api.peeraccess`), and how much
by shares and quotas (`access`); what of the ledger he may see is decided here, by one table (`queries.readers.rights`).
"""

from collections.abc import Callable
from time import monotonic

from hanse_ledger.values.types import Moment
from hanse_node.access.quotas import QuotaKeeper
from hanse_node.access.readnotes import ReadNotes
from hanse_node.base.config import Config
from hanse_node.base.metrics import Metrics
from hanse_node.engine.engine import Engine
from hanse_node.intake.answering import Answers
from hanse_node.intake.submitting import Intake
from hanse_node.payloads.custody import Custody
from hanse_node.payloads.deliveries import Deliveries
from hanse_node.payloads.holdings import Holdings
from hanse_node.payloads.naming import Naming
from hanse_node.payloads.store import PayloadStore
from hanse_node.peers.evidences import Evidences
from hanse_node.publications.publishing import Publishing
from hanse_node.queries.cloudevents import source_of
from hanse_node.queries.events import Events
from hanse_node.queries.health import Health
from hanse_node.queries.lists import Lists
from hanse_node.queries.log import Log
from hanse_node.queries.members import MembersBusiness
from hanse_node.queries.objects import Objects
from hanse_node.queries.proofs import Proofs
from hanse_node.queries.readers.keyowners import KeyOwners
from hanse_node.queries.readers.readlog import ReadLog
from hanse_node.queries.readers.rights import Rights
from hanse_node.queries.records import Records
from hanse_node.queries.tagging import Tagging
from hanse_node.queries.whoseturn import WaitingLists
from hanse_node.signing.cosign import HeadSigner
from hanse_node.signing.refusing import RefusalSigner
from hanse_node.signing.tagbook import TagBook
from hanse_node.store.beside.publications import Publications
from hanse_node.store.sql import SqlLedgerStore


class Service:
    """What a node does for whoever asks: its use cases, the methods of its parts. Any thread may call."""

    def __init__(
        self,
        store: SqlLedgerStore,
        engine: Engine,
        signer: HeadSigner,
        metrics: Metrics,
        quotas: QuotaKeeper,
        evidences: Evidences,
        settings: Config,
        clock: Callable[[], Moment],
    ) -> None:
        """Put the use cases together.

        Args:
            store: the ledger.
            engine: orders records.
            signer: signs as this node.
            metrics: where all is counted.
            quotas: how much each may send.
            evidences: what speaks against members.
            settings: how much is published, kept of reads, and how many sealed documents lie here.
            clock: the present in milliseconds since 1970.
        """
        self._store = store
        self.source = source_of(store.ledger)
        self._listeners: list[Callable[[], None]] = []
        refusals = RefusalSigner(signer, store.ledger, lambda: store.head.membership)
        self.intake, self.answers = Intake(engine, quotas, metrics, self._tell), Answers(store, metrics, refusals)
        notes = ReadNotes(clock, keeps=settings.reads.days > 0)
        self.readlog = ReadLog(store, notes, settings.reads, signer.cosigner, metrics, clock)
        held = PayloadStore(signer.folder, settings.payloads, clock, monotonic)
        holdings = Holdings(held, Naming(store), signer.cosigner, clock)
        self.payloads, self.deliveries = Custody(holdings, metrics, notes), Deliveries(holdings, notes)
        rights = Rights(holdings.parties.sees)
        self.records, self.objects = Records(store, rights, notes), Objects(store, rights, notes)
        self.proofs = Proofs(store, self.records, rights, metrics, notes)
        self.publications = Publishing(
            Publications(store), self.proofs, signer.sign_own, settings.publishing, metrics, clock
        )
        self.log, self.events = Log(store, notes), Events(store, notes)
        self.lists, self.waiting = Lists(store, rights, notes), WaitingLists(store, notes)
        self.tagging = Tagging(store, TagBook(signer.folder, signer.open_tag_key), signer.cosigner, clock)
        self.keyowners = KeyOwners(store, clock)
        self.members = MembersBusiness(store, signer, evidences)
        self.health = Health(store, engine, signer, metrics, evidences)

    def listen(self, listener: Callable[[], None]) -> None:
        """Tell somebody, in any thread, after records may have come to stand in the ledger."""
        self._listeners.append(listener)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Tell somebody, in any thread, after each commit and each newly shown head."""
        self._store.watch(watcher)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
