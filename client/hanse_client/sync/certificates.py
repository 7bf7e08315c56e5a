"""Certificates of origin, for callers that block.

Written from `hanse_client.resources.certificates` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import CertificateView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.certificates import AsyncCertificates
from hanse_ledger.kinds.certificate.bodies import CertificateReplacement, CertificateRevocation, CertificateType
from hanse_ledger.values.types import MemberId, Moment


class Certificates:
    """Certificates of origin and their balances. Reached as `client.certificates`."""

    def __init__(self, portal: Portal, calls: AsyncCertificates) -> None:
        self._portal, self._calls = portal, calls

    def issue(  # noqa: PLR0913 (each is an option of its own)
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
        return self._portal.run(
            self._calls.issue,
            file,
            exporter=exporter,
            application=application,
            consignee=consignee,
            kind=kind,
            discoverable=discoverable,
            valid_from_ms=valid_from_ms,
            valid_until_ms=valid_until_ms,
            consignment=consignment,
            share=share,
            again=again,
        )

    def apply(  # noqa: PLR0913 (each is an option of its own)
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
        return self._portal.run(
            self._calls.apply,
            file,
            issuer=issuer,
            consignee=consignee,
            exporter=exporter,
            kind=kind,
            discoverable=discoverable,
            valid_from_ms=valid_from_ms,
            valid_until_ms=valid_until_ms,
            consignment=consignment,
            share=share,
            again=again,
        )

    def query(self, certificate: Id, reasons: Sequence[str], *, file: Path | str | bytes | None = None) -> Receipt:
        """Ask about an application, as its issuer, or about a certificate in force, as a customs authority. Rule O-4.

        Args:
            certificate: the application, or the certificate.
            reasons: codes of what is asked, from the asker's own list.
            file: a document that says more; its SHA-256 is recorded, and it is handed over outside the ledger.
        """
        return self._portal.run(self._calls.query, certificate, reasons, file=file)

    def answer(self, certificate: Id, *, file: Path | str | bytes | None = None) -> Receipt:
        """Answer what was asked: of an application as its exporter, of a certificate as its issuer. Rule O-5.

        Args:
            certificate: the application, or the certificate; what is answered is the question that is open, from a
                verified proof.
            file: the document that answers; its SHA-256 is recorded, and it is handed over outside the ledger.

        Raises:
            InvalidInput: nothing is asked about it that is not answered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(self._calls.answer, certificate, file=file)

    def refuse(self, application: Id, reasons: Sequence[str]) -> Receipt:
        """Refuse an application; the client's identity is its issuer's. Rule O-7.

        Args:
            application: the application.
            reasons: codes of the refuser's own published list.
        """
        return self._portal.run(self._calls.refuse, application, reasons)

    def withdraw(self, application: Id) -> Receipt:
        """Take back an application that is not decided; the client's identity is the exporter's. Rule O-8."""
        return self._portal.run(self._calls.withdraw, application)

    def replace(  # noqa: PLR0913 (each is an option of its own)
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
        return self._portal.run(
            self._calls.replace,
            certificate,
            file,
            reason,
            discoverable=discoverable,
            valid_from_ms=valid_from_ms,
            valid_until_ms=valid_until_ms,
            consignment=consignment,
            share=share,
            again=again,
        )

    def revoke(self, certificate: Id, reason: CertificateRevocation | str) -> Receipt:
        """Take a certificate back; the client's identity is its issuer's. Rule O-2.

        Args:
            certificate: the certificate.
            reason: a value of `CertificateRevocation`.
        """
        return self._portal.run(self._calls.revoke, certificate, reason)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[CertificateView]:
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
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, certificate: Id) -> CertificateView:
        """Show a certificate and its balances as they stand, from a verified proof of its status."""
        return self._portal.run(self._calls.show, certificate)
