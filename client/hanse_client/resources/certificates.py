"""Certificates of origin: issue, revoke."""

from pathlib import Path

from hanse_client.clock import day_end_ms, day_start_ms, now_ms
from hanse_client.errors import DocumentError
from hanse_client.files import read_source, read_typed
from hanse_client.identifiers import Id, parse_choice, parse_id
from hanse_client.openings import new_opening
from hanse_client.portal import Portal
from hanse_client.reading import show
from hanse_client.session import Session
from hanse_client.submitting import submit_body, submit_opening
from hanse_client.views import ObjectView, Receipt
from hanse_ledger.documents import CertificateDocument, CertificateGoods, terms
from hanse_ledger.records import CertificateLine, CertificateRevocation, IssueCertificate, RevokeCertificate
from hanse_ledger.types import Moment


class AsyncCertificates:
    """Certificates of origin and their balances. Reached as `client.certificates`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def issue(
        self,
        file: Path | str | bytes,
        *,
        exporter: Id,
        consignee: Id | None = None,
        discoverable: bool = True,
        valid_from_ms: Moment | None = None,
        valid_until_ms: Moment | None = None,
    ) -> Receipt:
        """Certify the origin of an exporter's goods; the client's identity is an origin issuer's. Rule O-1.

        Each line opens a balance, from which imports draw.

        Args:
            file: a certificate in the UN/CEFACT data model, by path or as bytes.
            exporter: the exporter's party.
            consignee: the one party for which it counts; by default it counts for every buyer.
            discoverable: let anyone who holds the very file look it up.
            valid_from_ms: by default the start of the day that the file names, else of the day of issue, else now.
            valid_until_ms: by default the end of the day that the file names.

        Raises:
            DocumentError: the file is no certificate that can be registered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        data, name = read_source(file)
        document = read_typed(data, name, CertificateDocument)
        opening = new_opening(data, terms(document), name=name, discoverable=discoverable)
        valid_from, valid_until = _validity(document)
        if valid_until_ms is not None:
            valid_until = valid_until_ms
        if valid_until is None:
            raise DocumentError(
                "The certificate does not say until when it is valid.",
                "Give valid_until_ms, or add the date to the file.",
                field="valid_until",
            )
        body = IssueCertificate(
            consignee=None if consignee is None else parse_id(consignee, "consignee"),
            document=opening.commitment(),
            exporter=parse_id(exporter, "exporter"),
            issuer=await self._session.own_member(),
            lines=tuple(_line(place, goods) for place, goods in enumerate(document.lines, start=1)),
            valid_from=valid_from if valid_from_ms is None else valid_from_ms,
            valid_until=valid_until,
        )
        return await submit_opening(self._session, body, opening)

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

    async def show(self, certificate: Id) -> ObjectView:
        """Show a certificate and its balances as they stand, from a verified proof of its status."""
        return await show(self._session, certificate, "certificate")


class Certificates:
    """Certificates of origin, for callers that block. Reached as `client.certificates`."""

    def __init__(self, portal: Portal, calls: AsyncCertificates) -> None:
        self._run, self._calls = portal.run, calls

    def issue(
        self,
        file: Path | str | bytes,
        *,
        exporter: Id,
        consignee: Id | None = None,
        discoverable: bool = True,
        valid_from_ms: Moment | None = None,
        valid_until_ms: Moment | None = None,
    ) -> Receipt:
        """Certify the origin of an exporter's goods. See `AsyncCertificates.issue`."""
        return self._run(
            self._calls.issue,
            file,
            exporter=exporter,
            consignee=consignee,
            discoverable=discoverable,
            valid_from_ms=valid_from_ms,
            valid_until_ms=valid_until_ms,
        )

    def revoke(self, certificate: Id, reason: CertificateRevocation | str) -> Receipt:
        """Take a certificate back."""
        return self._run(self._calls.revoke, certificate, reason)

    def show(self, certificate: Id) -> ObjectView:
        """Show a certificate and its balances as they stand."""
        return self._run(self._calls.show, certificate)


def _validity(document: CertificateDocument) -> tuple[Moment, Moment | None]:
    first = document.valid_from or document.issued
    try:
        valid_from = day_start_ms(first) if first else now_ms()
        valid_until = day_end_ms(document.valid_until) if document.valid_until else None
    except (ValueError, OverflowError) as error:
        raise DocumentError(f"The certificate names a day that does not exist: {error}.", field="valid_from") from error
    return valid_from, valid_until


def _line(place: int, goods: CertificateGoods) -> CertificateLine:
    """Take what the rules need of a line; all of it must be there, since declarations are compared with it."""
    named = {
        "hs_code": goods.hs_code,
        "origin": goods.origin,
        "quantity_milli": goods.quantity_milli,
        "unit": goods.unit,
    }
    missing = [name for name, value in named.items() if value is None]
    if goods.hs_code is None or goods.origin is None or goods.quantity_milli is None or goods.unit is None:
        raise DocumentError(
            f"Line {place} of the certificate lacks {', '.join(missing)}.",
            "Ask whoever made the file to add it: balances are kept by HS code, origin and quantity.",
            field=f"lines/{place}/{missing[0]}",
        )
    return CertificateLine(
        hs_code=goods.hs_code, origin=goods.origin, quantity_milli=goods.quantity_milli, unit=goods.unit
    )
