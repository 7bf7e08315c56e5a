"""The async client. `client.py` and `sync/` are the same for callers that block, written from this and `resources/`."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ObjectView
from hanse_client.base.views import Head, Notice, Receipt, RecordView, Refusal, Unsettled
from hanse_client.exchange import events, once, reading, submitting
from hanse_client.exchange.acting import Acting, acting
from hanse_client.exchange.session import Session
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.resources.bundles import AsyncBundles
from hanse_client.resources.certificates import AsyncCertificates
from hanse_client.resources.consignments import AsyncConsignments
from hanse_client.resources.declarations import AsyncDeclarations
from hanse_client.resources.documents import AsyncDocuments
from hanse_client.resources.inbox.cases import InboxCase, InboxQuery, InboxWorth, inbox_cases
from hanse_client.resources.inbox.comings import InboxChange, follow_inbox
from hanse_client.resources.invoices import AsyncInvoices
from hanse_client.resources.keys import AsyncKeys
from hanse_client.resources.mandates import AsyncMandates
from hanse_client.resources.members import AsyncMembers
from hanse_client.resources.offices import AsyncOffices
from hanse_client.resources.orders import AsyncOrders
from hanse_client.resources.parties import AsyncParties
from hanse_client.resources.payments import AsyncPayments
from hanse_client.resources.pledges import AsyncPledges
from hanse_client.resources.publications import AsyncPublications
from hanse_client.resources.sharing.stories import story_named, tell
from hanse_client.resources.shipments import AsyncShipments
from hanse_client.resources.titles import AsyncTitles
from hanse_client.verify.report import Report
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import LedgerId, MemberId, Moment, PublicKey
from hanse_ledger.wire.part import Body


class AsyncClient:
    """Signs, submits, lists and proves over one node, and believes nothing that it cannot verify.

    Records submitted at the same time travel together in one request. Use it as a context manager, or call `close`. The
    blocking one may be used from several threads at once.
    """

    def __init__(  # noqa: PLR0913 (settings, each given by its name)
        self,
        url: str | Sequence[str],
        *,
        identity: Identity | None = None,
        asks_as: Callable[[], Identity | None] | None = None,
        party: Id | None = None,
        trust: TrustFile | bytes | Path | str | None = None,
        home: Path | str | None = None,
        token_file: Path | str | None = None,
        ca: Path | str | None = None,
        timeout_ms: int = 10_000,
        max_age_ms: int = 600_000,
        quorum: int | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            url: the node's address, `https://…`, or `http://…` on this machine; or those of several nodes of one
                ledger: what one of them does not answer the next one is asked, and their heads are compared.
            identity: whose key signs; reading needs none, but where a node asks who reads.
            asks_as: gives the identity for such a node alone, called once and no sooner than it asks, which may be
                never; or nil. By default it is `identity`.
            party: the party whose key that is, where the home folder does not know it.
            trust: the trust file, its bytes or where it lies. Without one, the file that the node shows at the first
                contact is kept in `home` and trusted from then on: compare the ledger's id by another way.
            home: folder of openings, trusted heads and trust; by default `hanse` in the user's data folder.
            token_file: a file of mode 0600 that holds the node's bearer token.
            ca: the certificates, PEM, of the authorities that may vouch for the node's; by default those of the
                system, or of `SSL_CERT_FILE`. Whether what the node says is true is another question, of `trust`.
            timeout_ms: how long a call may take with all its tries, a node; a second more for each 32 KiB of answer.
            max_age_ms: how long ago a node's head may have been signed; a node signs anew every minute.
            quorum: how many members should vouch for a receipt, where more than the ledger's own quorum are wanted.

        Raises:
            SetupError: the address, the trust file, the home folder, the token file or `ca` is not usable.
        """
        self._session = Session(
            url,
            identity=identity,
            asks_as=asks_as,
            party=party,
            trust=trust,
            home=home,
            token_file=token_file,
            ca=ca,
            timeout_ms=timeout_ms,
            max_age_ms=max_age_ms,
            quorum=quorum,
        )
        self._open_rooms()

    def _open_rooms(self) -> None:
        self.members = AsyncMembers(self._session)
        self.offices = AsyncOffices(self._session)
        self.orders = AsyncOrders(self._session)
        self.shipments = AsyncShipments(self._session)
        self.titles = AsyncTitles(self._session)
        self.consignments = AsyncConsignments(self._session)
        self.parties = AsyncParties(self._session)
        self.keys = AsyncKeys(self._session)
        self.mandates = AsyncMandates(self._session)
        self.invoices = AsyncInvoices(self._session)
        self.certificates = AsyncCertificates(self._session)
        self.declarations = AsyncDeclarations(self._session)
        self.documents = AsyncDocuments(self._session)
        self.payments = AsyncPayments(self._session)
        self.pledges = AsyncPledges(self._session)
        self.bundles = AsyncBundles(self._session)
        self.publications = AsyncPublications(self._session)

    async def close(self) -> None:
        """Close connections. May be called twice."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def identity(self) -> Identity | None:
        """Whose key signs, if any."""
        return self._session.identity

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What went wrong so far beside answers that count all the same, each once; the log says it too."""
        return self._session.notices.met

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """What this client has sent without learning what became of it: after an error, or an interrupt."""
        return self._session.sendings.unsettled

    @property
    def first_contact(self) -> LedgerId | None:
        """The ledger that this client took on its node's word, because no trust file was given; nil otherwise.

        Its fingerprint should be compared with a member's, by another way.
        """
        return self._session.first_contact

    @property
    def home(self) -> Path:
        """The folder of openings, trusted heads and what was trusted at first use."""
        return self._session.home

    async def trust(self) -> TrustFile:
        """Give the trust file that answers are verified against.

        Raises:
            HanseError: none was given, and the node shows none that can be trusted at first use.
        """
        return await self._session.trust()

    async def head(self) -> Head:
        """Fetch the newest head, verified and remembered.

        Raises:
            BadAnswer: it is not signed by its log and a quorum.
            SecurityAlarm: it goes back on a head that was seen before.
        """
        return await self._session.head()

    def sign_as(self, *, mandates: Sequence[Id] = (), countersigners: Sequence[PublicKey | str] = ()) -> Acting:
        """Sign everything under mandates from now on, or draft it for others who sign too.

        Args:
            mandates: under which everything is signed, at most four: the identity is the mandatary's, and signs for
                their principal. None: it signs for itself.
            countersigners: keys of others who sign everything too, elsewhere: what would be sent is a draft instead,
                which `SignaturesMissing` bears, for them to sign within seven days; `submit_draft` sends it.

        Returns:
            What was in force before.

        Raises:
            InvalidInput: an id is none, or a key.
        """
        before, self._session.acting = self._session.acting, acting(mandates, countersigners)
        return before

    async def draft(self, body: Body, *, countersigners: Sequence[PublicKey] = ()) -> Draft:
        """Make a record of a body, signed by this client's identity, for others to sign too.

        Args:
            body: what the record says.
            countersigners: the keys that must sign besides.

        Raises:
            IdentityError: the client has no identity.
            InvalidInput: the body breaks a bound.
        """
        return await submitting.draft_body(self._session, body, countersigners)

    async def submit(self, body: Body, *, countersign: Sequence[Identity] = ()) -> Receipt:
        """Sign a record, send it, and verify that it stands in the ledger.

        Args:
            body: what the record says.
            countersign: who signs besides the client's identity, in this order.

        Raises:
            Refused: the rules refuse it; the refusal names the rule, the field and what to do.
            NodeUnreachable: no answer; submitting the same draft again is harmless.
            BadAnswer: the node's receipt does not verify.
            SecurityAlarm: the node goes back on a head that was seen before.
        """
        return await once.submit_body(self._session, body, countersign)

    async def submit_draft(self, draft: Draft) -> Receipt:
        """Send a draft that others have signed, adding this identity's signature where it is the one missing.

        Raises as `submit` does, and IdentityError where signatures are still missing.
        """
        return await submitting.submit_draft(self._session, draft)

    async def submit_many(self, bodies: Sequence[Body]) -> list[Receipt | Refusal]:
        """Sign and send many records at once; one answer each, in order.

        A refusal of one does not hinder the others. Raises as `submit` does, but for Refused.
        """
        return await submitting.submit_many(self._session, bodies)

    async def submit_drafts(self, drafts: Sequence[Draft]) -> list[Receipt | Refusal]:
        """Send many drafts that others have signed, as a marketplace does for its sellers; one answer each, in order.

        A refusal of one does not hinder the others. Raises as `submit` does, but for Refused, and IdentityError where
        a signature is missing: nothing has been sent then.
        """
        return await submitting.submit_drafts(self._session, drafts)

    async def proof(
        self,
        *ids: Id,
        disclose: Mapping[Id, Sequence[str]] | Sequence[str] = (),
        from_mark: bool = False,
        status: bool = False,
    ) -> bytes:
        """Fetch a proof file about objects, disclose terms in it, and verify it before giving it.

        Args:
            ids: the objects, at least one.
            disclose: names of terms to show of one object, or for each object its names. The opening of the
                object must lie in the home folder: only who issued a document can open it.
            from_mark: whether histories begin at their last way marks, where a proof could hold them whole.
            status: whether records are left out: how the objects stand, on the operators' word alone.

        Raises:
            NotFound: the ledger does not have an object.
            InvalidInput: a term or an opening is missing.
            BadAnswer: what came does not verify.
        """
        return await reading.fetch_proof(self._session, ids, disclose, from_mark=from_mark, status=status)

    async def story(self, invoice: Id, story: str, *, lines: Sequence[int] = ()) -> bytes:
        """Make a proof file that tells one of the usual stories of an invoice, and verify it.

        It shows the invoice's number and day, and of its other terms only what the story needs; prices, names and
        accounts are not among it. What stands in the headers of its records is shown with them: the total, the due
        date, and the pseudonyms of who traded.

        Args:
            invoice: the invoice; its opening lies in the home folder.
            story: `origin`: the goods of these lines have this origin, under these certificates, released by these
                customs; `settlement`: how much is paid, by which payments; `unpledged`: it is accepted, and pledged to
                nobody.
            lines: of which lines the goods are shown, counted from 1; none for all.

        Raises:
            InvalidInput: there is no such story, or it is not so; the opening is not here; there is no such line.
            NotFound, BadAnswer: as `client.proof`.
        """
        return await tell(self._session, invoice, story_named(story), lines)

    async def verify(
        self, source: Path | str | bytes, at_ms: Moment | None = None, *, max_age_ms: int | None = None
    ) -> Report:
        """Check a proof file, or a status code, against the trust file.

        Args:
            source: the file or its bytes; or what a code says, its digits alone or behind the # of an address.
            at_ms: the moment at which validities and the proof's age are judged; by default now.
            max_age_ms: a sound proof that is older "cannot be checked"; None takes any, with a warning past seven days.

        Raises:
            DocumentError: the file cannot be read. Whatever is wrong with a proof is a verdict, never an exception.
        """
        return await reading.verify_source(self._session, source, at_ms, max_age_ms)

    async def show(self, object_id: Id) -> ObjectView:
        """Show an object of any kind as it stands, from a verified proof of its status.

        Raises:
            NotFound: the ledger does not have it.
            BadAnswer: what came does not verify.
        """
        return await reading.show(self._session, object_id, ObjectView)

    async def record(self, record_id: Id) -> RecordView:
        """Fetch a record and verify its signatures and that it stands in the log.

        Raises:
            NotFound: the ledger does not have it.
            BadAnswer: what came does not verify.
        """
        return await reading.fetch_record(self._session, record_id)

    def records(self, object_id: Id) -> AsyncIterator[RecordView]:
        """Walk over an object's records, newest first, each proven and none left out.

        Raises as `record` does, in the course of the walk.
        """
        return reading.walk_records(self._session, object_id)

    def inbox(  # noqa: PLR0913 (what is sought, each of which one may leave out)
        self,
        *,
        kind: str | Sequence[str] | None = None,
        record: str | Sequence[str] | None = None,
        state: str | Sequence[str] | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
        worth: InboxWorth | None = None,
        order: str | None = None,
        after: int | None = None,
        own: Id | MemberId | None = None,
    ) -> AsyncIterator[InboxCase]:
        """Walk over what waits for the client's party, office or officer, the oldest first, each proven.

        For whom an object waits follows from how it stands: an invoice for its buyer, a declaration for customs, or for
        the declarant while a question is open. An officer sees what its powers are for. That none is left out is the
        node's word; what others have addressed to one `parties.addressed` proves.

        Args:
            kind: only objects of this kind, or of these, such as `declaration`.
            record: only what waits for this kind of record, or for these, such as `declaration.release`.
            state: only of this state, or of these.
            since_ms: only what was created at this block time or later.
            until_ms: only what was created before this block time.
            worth: only what is about so much money.
            order: `age` for what waits longest first, or `value` for the largest amounts first, one currency after the
                other; of at most 1,000 cases, which have no cursor then. If nil, in order of their creation.
            after: the `cursor` of a case: only what comes behind it, in this process or another.
            own: the party or the member, where the home folder does not know it.

        Raises InvalidInput where nothing waits for such a record, or too much is to be ordered; IdentityError where it
        is not known for whom.
        """
        query = InboxQuery(kind, record, state, since_ms, until_ms, worth, after)
        return inbox_cases(self._session, query, order, own)

    def follow_inbox(
        self, *, kind: str | None = None, record: str | None = None, own: Id | MemberId | None = None
    ) -> AsyncIterator[InboxChange]:
        """Tell what waits, as `inbox` does, and then for ever what comes and what has gone; no event is left out."""
        return follow_inbox(self._session, InboxQuery(kind, record), own)

    def events(self, after: int = 0) -> AsyncIterator[RecordView]:
        """Wait for records behind a position, for ever; each is proven before it is given, and none is left out.

        Args:
            after: the position of the last record that was handled; give a record's `position` to resume behind it.

        Raises as `record` does, BadAnswer where the node leaves one out or keeps it back, and NodeUnreachable when the
        node does not come back.
        """
        return events.follow_events(self._session, after)
