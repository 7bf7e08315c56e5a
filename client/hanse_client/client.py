"""The blocking client: the async one, run from any thread. Each method does what its namesake in `aio` says."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hanse_client.aio import AsyncClient
from hanse_client.base.identifiers import Id
from hanse_client.base.portal import Portal, documented_by
from hanse_client.base.views import Head, Notice, ObjectView, Receipt, RecordView, Refusal, Unsettled
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.resources.certificates import Certificates
from hanse_client.resources.declarations import Declarations
from hanse_client.resources.invoices import Invoices
from hanse_client.resources.members import Members
from hanse_client.resources.parties import Keys, Parties
from hanse_client.resources.payments import Payments
from hanse_ledger.kinds import Body
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import LedgerId, Moment, PublicKey


@documented_by(AsyncClient)
class Client:
    """Signs, submits, lists and proves over one node, and believes nothing that it cannot verify.

    Use it as a context manager, or call `close`. It may be used from several threads at once.
    """

    def __init__(  # noqa: PLR0913 (settings, each given by its name)
        self,
        url: str | Sequence[str],
        *,
        identity: Identity | None = None,
        party: Id | None = None,
        trust: TrustFile | bytes | Path | str | None = None,
        home: Path | str | None = None,
        token_file: Path | str | None = None,
        ca: Path | str | None = None,
        timeout_ms: int = 10_000,
        max_age_ms: int = 600_000,
        quorum: int | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet. The arguments are those of `AsyncClient`."""
        self._client = AsyncClient(
            url,
            identity=identity,
            party=party,
            trust=trust,
            home=home,
            token_file=token_file,
            ca=ca,
            timeout_ms=timeout_ms,
            max_age_ms=max_age_ms,
            quorum=quorum,
        )
        self._portal = Portal(self._client.close)
        self.members = Members(self._portal, self._client.members)
        self.parties = Parties(self._portal, self._client.parties)
        self.keys = Keys(self._portal, self._client.keys)
        self.invoices = Invoices(self._portal, self._client.invoices)
        self.certificates = Certificates(self._portal, self._client.certificates)
        self.declarations = Declarations(self._portal, self._client.declarations)
        self.payments = Payments(self._portal, self._client.payments)

    def close(self) -> None:
        """Close connections and stop the loop. May be called twice."""
        self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def identity(self) -> Identity | None:
        """Whose key signs, if any."""
        return self._client.identity

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What went wrong so far beside answers that count all the same, each once; the log says it too."""
        return self._client.warnings

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """What this client has sent without learning what became of it: after an error, or an interrupt."""
        return self._client.unsettled

    @property
    def first_contact(self) -> LedgerId | None:
        """The ledger that this client took on its node's word, because no trust file was given; nil otherwise.

        Its fingerprint should be compared with a member's, by another way.
        """
        return self._client.first_contact

    @property
    def home(self) -> Path:
        """The folder of openings, trusted heads and what was trusted at first use."""
        return self._client.home

    def trust(self) -> TrustFile:
        """Give the trust file that answers are verified against."""
        return self._portal.run(self._client.trust)

    def head(self) -> Head:
        """Fetch the newest head, verified and remembered."""
        return self._portal.run(self._client.head)

    def draft(self, body: Body, *, cosigners: Sequence[PublicKey] = ()) -> Draft:
        """Make a record of a body, signed by this client's identity, for others to sign too."""
        return self._portal.run(self._client.draft, body, cosigners=cosigners)

    def submit(self, body: Body, *, cosign: Sequence[Identity] = ()) -> Receipt:
        """Sign a record, send it, and verify that it stands in the ledger."""
        return self._portal.run(self._client.submit, body, cosign=cosign)

    def submit_draft(self, draft: Draft) -> Receipt:
        """Send a draft that others have signed, adding this identity's signature where it is the one missing."""
        return self._portal.run(self._client.submit_draft, draft)

    def submit_many(self, bodies: Sequence[Body]) -> list[Receipt | Refusal]:
        """Sign and send many records at once; one answer each, in order."""
        return self._portal.run(self._client.submit_many, bodies)

    def submit_drafts(self, drafts: Sequence[Draft]) -> list[Receipt | Refusal]:
        """Send many drafts that others have signed; one answer each, in order."""
        return self._portal.run(self._client.submit_drafts, drafts)

    def proof(
        self, *ids: Id, disclose: Mapping[Id, Sequence[str]] | Sequence[str] = (), from_mark: bool = False
    ) -> bytes:
        """Fetch a proof file about objects, disclose terms in it, and verify it before giving it."""
        return self._portal.run(self._client.proof, *ids, disclose=disclose, from_mark=from_mark)

    def verify(
        self, source: Path | str | bytes, at_ms: Moment | None = None, *, max_age_ms: int | None = None
    ) -> Report:
        """Check a proof file against the trust file."""
        return self._portal.run(self._client.verify, source, at_ms, max_age_ms=max_age_ms)

    def show(self, object_id: Id) -> ObjectView:
        """Show an object of any kind as it stands, from a verified proof of its status."""
        return self._portal.run(self._client.show, object_id)

    def record(self, record_id: Id) -> RecordView:
        """Fetch a record and verify that it stands in the log."""
        return self._portal.run(self._client.record, record_id)

    def records(self, object_id: Id) -> Iterator[RecordView]:
        """Walk over an object's records, newest first, each proven and none left out."""
        return self._portal.iterate(self._client.records(object_id))

    def events(self, after: int = 0) -> Iterator[RecordView]:
        """Wait for records behind a position, for ever; each is proven before it is given."""
        return self._portal.iterate(self._client.events(after))
