"""Certificates of origin: apply, ask and answer, issue, refuse, withdraw, replace, revoke."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_client.base.files import read_source
from hanse_client.base.identifiers import Id, parse_choice, parse_id, parse_id_if
from hanse_client.base.objects import CertificateView
from hanse_client.base.views import Receipt
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import acting_member, own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.registering import Registration, register
from hanse_client.exchange.session import Session
from hanse_client.resources.certified import CertificatePaper, carried_over, granted_on, issued_on, read_certificate
from hanse_client.resources.sharing.sealed import shared
from hanse_ledger.kinds.certificate.bodies import (
    AnswerCertificate,
    ApplyForCertificate,
    CertificateReplacement,
    CertificateRevocation,
    CertificateType,
    QueryCertificate,
    RefuseCertificate,
    ReplaceCertificate,
    RevokeCertificate,
    WithdrawCertificate,
)
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, MemberId, Moment


class AsyncCertificates:
    """Certificates of origin and their balances. Reached as `client.certificates`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def issue(  # noqa: PLR0913 (each is an option of its own)
        self,
        file: Path | str | bytes,
        *,
        exporter: Id | None = None,
        application: Id | None = None,
        consignee: Id | None = None,
        kind: CertificateType | str = CertificateType.ORIGIN,
        discoverable: bool = True,
        valid_from_ms: Moment | None = None,
        valid_until_ms: Moment | None = None,
        consignment: Id | None = None,
        share: Sequence[Id] = (),
        again: bool = False,
    ) -> Receipt:
        """Certify the origin of an exporter's goods; the client's identity is an origin issuer's. Rules O-1 and O-6.

        Each line opens a balance, from which imports draw.

        Args:
            file: a certificate in the UN/CEFACT data model, by path or as bytes.
            exporter: the exporter's party; give it or `application`.
            application: the application that is granted: its id is the certificate's, and it names exporter and
                consignee. The file is the certificate, not the draft that was sent with the application.
            consignee: the one party for which it counts; by default it counts for every buyer.
            kind: a value of `CertificateType`; an application says its own.
            discoverable: let anyone who holds the very file look it up.
            valid_from_ms: where the file does not say from when it is valid; by default the moment of issue, or
                the start of its day (UTC) where the file gives no time, else now.
            valid_until_ms: where the file does not say until when.
            consignment: where the issuer writes into one, the certificate is put into it by this record. Rule U-3.
            share: who shall be able to open the file, which then travels sealed: parties and offices by their ids, or
                members by their names for their offices.
            again: register the file even if this home folder has registered it for this issuer, and it stands.

        Returns:
            The receipt. Of a file that stands already it is that of the record that stands, with the warning
            `registered-already`; nothing was sent then, so that trying again after an unclear failure is safe.

        Raises:
            DocumentError: the file is no certificate that can be registered.
            InvalidInput: neither an exporter nor an application is named, or both, or a consignee or a consignment with
                the latter.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        _need_fitting(exporter, application, consignee, consignment)
        paper = read_certificate(file, discoverable, valid_from_ms, valid_until_ms)
        which = parse_choice(CertificateType, kind, "kind")
        issuer = await acting_member(self._session)
        body = (
            issued_on(paper, issuer, exporter, consignee, which, consignment)
            if application is None
            else granted_on(paper, application)
        )
        return await self._register(paper, body, issuer.encode(), share, again=again)

    async def apply(  # noqa: PLR0913 (each is an option of its own)
        self,
        file: Path | str | bytes,
        *,
        issuer: MemberId,
        consignee: Id | None = None,
        exporter: Id | None = None,
        kind: CertificateType | str = CertificateType.ORIGIN,
        discoverable: bool = False,
        valid_from_ms: Moment | None = None,
        valid_until_ms: Moment | None = None,
        consignment: Id | None = None,
        share: Sequence[Id] = (),
        again: bool = False,
    ) -> Receipt:
        """Ask an origin issuer for a certificate; the client's identity is the exporter's. Rule O-3.

        The application's id is the certificate's, should it be granted.

        Args:
            file: the certificate as drafted, in the UN/CEFACT data model, by path or as bytes. It stays here.
            issuer: the origin issuer, by its member's name.
            consignee: the one party for which it is to count; by default it is to count for every buyer.
            exporter: the exporter's party, where the home folder does not know it.
            kind: a value of `CertificateType`.
            discoverable: let anyone who holds the very draft look it up.
            valid_from_ms: as `issue` takes it.
            valid_until_ms: as `issue` takes it.
            consignment: where the exporter writes into one, the application is put into it by this record. Rule U-3.
            share: who shall be able to open the draft, as of `issue`: the issuer, mostly.
            again: apply even if this home folder has applied with this very file, and that stands.

        Returns:
            The receipt, as of `issue`.

        Raises as `issue` does.
        """
        paper = read_certificate(file, discoverable, valid_from_ms, valid_until_ms)
        applicant = await own_party(self._session, exporter)
        body = ApplyForCertificate(
            consignee=parse_id_if(consignee, "consignee"),
            consignment=parse_id_if(consignment, "consignment"),
            document=paper.opening.commitment(),
            exporter=applicant,
            issuer=issuer,
            lines=paper.lines,
            payload=None,
            type=parse_choice(CertificateType, kind, "kind"),
            valid_from=paper.valid_from,
            valid_until=paper.valid_until,
        )
        return await self._register(paper, body, applicant, share, again=again)

    async def query(
        self, certificate: Id, reasons: Sequence[str], *, file: Path | str | bytes | None = None
    ) -> Receipt:
        """Ask about an application, as its issuer, or about a certificate in force, as a customs authority. Rule O-4.

        Args:
            certificate: the application, or the certificate.
            reasons: codes of what is asked, from the asker's own list.
            file: a document that says more; its SHA-256 is recorded, and it is handed over outside the ledger.
        """
        body = QueryCertificate(
            certificate=parse_id(certificate, "certificate"),
            document=_hash_of(file),
            office=await acting_member(self._session),
            reasons=tuple(sorted(set(reasons))),
        )
        return await submit_body(self._session, body)

    async def answer(self, certificate: Id, *, file: Path | str | bytes | None = None) -> Receipt:
        """Answer what was asked: of an application as its exporter, of a certificate as its issuer. Rule O-5.

        Args:
            certificate: the application, or the certificate; what is answered is the question that is open, from a
                verified proof.
            file: the document that answers; its SHA-256 is recorded, and it is handed over outside the ledger.

        Raises:
            InvalidInput: nothing is asked about it that is not answered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        self._session.need_identity()
        view = await show(self._session, certificate, CertificateView)
        if view.query is None:
            raise InvalidInput(
                f"Nothing is asked about the certificate {view.id.hex()}.",
                f"Look at it: hanse certificate show {view.id.hex()}.",
            )
        body = AnswerCertificate(certificate=view.id, document=_hash_of(file), query=view.query.record)
        return await submit_body(self._session, body)

    async def refuse(self, application: Id, reasons: Sequence[str]) -> Receipt:
        """Refuse an application; the client's identity is its issuer's. Rule O-7.

        Args:
            application: the application.
            reasons: codes of the refuser's own published list.
        """
        body = RefuseCertificate(certificate=parse_id(application, "application"), reasons=tuple(sorted(set(reasons))))
        return await submit_body(self._session, body)

    async def withdraw(self, application: Id) -> Receipt:
        """Take back an application that is not decided; the client's identity is the exporter's. Rule O-8."""
        body = WithdrawCertificate(certificate=parse_id(application, "application"))
        return await submit_body(self._session, body)

    async def replace(  # noqa: PLR0913 (each is an option of its own)
        self,
        certificate: Id,
        file: Path | str | bytes,
        reason: CertificateReplacement | str,
        *,
        discoverable: bool = True,
        valid_from_ms: Moment | None = None,
        valid_until_ms: Moment | None = None,
        consignment: Id | None = None,
        share: Sequence[Id] = (),
        again: bool = False,
    ) -> Receipt:
        """Issue a certificate in the place of another one; the client's identity is its issuer's. Rule O-9.

        It is for the same exporter and consignee. What was written off on the old one, as a verified proof shows, goes
        over line by line; nothing may be reserved on it.

        Args:
            certificate: the certificate that is replaced.
            file: the new one, in the UN/CEFACT data model, by path or as bytes.
            reason: a value of `CertificateReplacement`.
            discoverable: as `issue` takes it.
            valid_from_ms: as `issue` takes it.
            valid_until_ms: as `issue` takes it.
            consignment: as `issue` takes it.
            share: as `issue` takes it.
            again: as `issue` takes it.

        Returns:
            The receipt, as of `issue`; its object is the new certificate.

        Raises as `issue` does.
        """
        why = parse_choice(CertificateReplacement, reason, "reason")
        paper = read_certificate(file, discoverable, valid_from_ms, valid_until_ms)
        issuer = await acting_member(self._session)
        old = await show(self._session, certificate, CertificateView)
        body = ReplaceCertificate(
            certificate=old.id,
            consignment=parse_id_if(consignment, "consignment"),
            document=paper.opening.commitment(),
            lines=carried_over(paper.lines, old.balances),
            payload=None,
            reason=why,
            valid_from=paper.valid_from,
            valid_until=paper.valid_until,
        )
        return await self._register(paper, body, issuer.encode(), share, again=again)

    async def revoke(self, certificate: Id, reason: CertificateRevocation | str) -> Receipt:
        """Take a certificate back; the client's identity is its issuer's. Rule O-2.

        Args:
            certificate: the certificate.
            reason: a value of `CertificateRevocation`.
        """
        body = RevokeCertificate(
            certificate=parse_id(certificate, "certificate"),
            reason=parse_choice(CertificateRevocation, reason, "reason"),
        )
        return await submit_body(self._session, body)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[CertificateView]:
        """Walk over certificates, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no certificate has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, CertificateView, sought)

    async def _register(
        self, paper: CertificatePaper, body: Registration, issuer: bytes, share: Sequence[Id], *, again: bool
    ) -> Receipt:
        """Register a certificate's record, after its document where that is shared."""
        body, sealed = await shared(self._session, body, paper.data, paper.opening, share)
        receipt = await register(
            self._session,
            body,
            paper.opening,
            issuer=issuer,
            again=again,
            sealed=None if sealed is None else sealed.sealed,
            readers=() if sealed is None else sealed.readers,
        )
        return replace(receipt, findings=paper.findings)

    async def show(self, certificate: Id) -> CertificateView:
        """Show a certificate and its balances as they stand, from a verified proof of its status."""
        return await show(self._session, certificate, CertificateView)


def _hash_of(file: Path | str | bytes | None) -> Digest | None:
    return None if file is None else hash_bytes(read_source(file)[0])


def _need_fitting(exporter: Id | None, application: Id | None, consignee: Id | None, consignment: Id | None) -> None:
    if (exporter is None) == (application is None) or (application is not None and consignee is not None):
        raise InvalidInput(
            "A certificate is issued to an exporter, or on an application, which names exporter and consignee.",
            "Give one of the two.",
        )
    if application is not None and consignment is not None:
        raise InvalidInput(
            "What is granted stands already: it is put into a consignment by a record of its own.",
            "Grant it without a consignment; then: hanse consignment add UCR ITEM, consignments.add(ucr, item).",
        )
