"""Certificates of origin: issue, revoke."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import DocumentError
from hanse_client.base.files import read_source, read_typed
from hanse_client.base.identifiers import Id, parse_choice, parse_id
from hanse_client.base.objects import CertificateView
from hanse_client.base.views import Receipt
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.reading import show
from hanse_client.exchange.registering import register
from hanse_client.exchange.session import Session
from hanse_client.home.openings import new_opening
from hanse_documents.model.documents import CertificateDocument, terms
from hanse_ledger.kinds.certificate.bodies import (
    CertificateLine,
    CertificateRevocation,
    IssueCertificate,
    RevokeCertificate,
)
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.values.dates import start_of
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.catalogue import CommittedKind


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
        again: bool = False,
    ) -> Receipt:
        """Certify the origin of an exporter's goods; the client's identity is an origin issuer's. Rule O-1.

        Each line opens a balance, from which imports draw.

        Args:
            file: a certificate in the UN/CEFACT data model, by path or as bytes.
            exporter: the exporter's party.
            consignee: the one party for which it counts; by default it counts for every buyer.
            discoverable: let anyone who holds the very file look it up.
            valid_from_ms: where the file does not say from when it is valid; by default the moment of issue, or
                the start of its day (UTC) where the file gives no time, else now.
            valid_until_ms: where the file does not say until when.
            again: register the file even if this home folder has registered it for this issuer, and it stands.

        Returns:
            The receipt. Of a file that stands already it is that of the record that stands, with the warning
            `registered-already`; nothing was sent then, so that trying again after an unclear failure is safe.

        Raises:
            DocumentError: the file is no certificate that can be registered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        data, name = read_source(file)
        document, findings = read_typed(data, name, CertificateDocument)
        stated = terms(document)
        opening = new_opening(CommittedKind.CERTIFICATE, data, stated, name=name, discoverable=discoverable)
        header = header_of(CommittedKind.CERTIFICATE, stated, 0)
        issued = start_of(document.issued) if document.issued else None
        first = next((at for at in (document.issued_at, issued) if at is not None), now_ms())
        body = IssueCertificate(
            consignee=None if consignee is None else parse_id(consignee, "consignee"),
            document=opening.commitment(),
            exporter=parse_id(exporter, "exporter"),
            issuer=await self._session.own_member(),
            lines=tuple(_line(place, header) for place in range(1, len(document.lines) + 1)),
            valid_from=_moment("valid_from", header, valid_from_ms, first),
            valid_until=_moment("valid_until", header, valid_until_ms, None),
        )
        return replace(await register(self._session, body, opening, again=again), findings=findings)

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

    async def show(self, certificate: Id) -> CertificateView:
        """Show a certificate and its balances as they stand, from a verified proof of its status."""
        return await show(self._session, certificate, CertificateView)


def _moment(field: str, header: Mapping[str, Any], given: Moment | None, otherwise: Moment | None) -> Moment:
    """Take a limit of the validity: as the file states it, else as the caller gives it, else as is usual."""
    stated: Moment | None = header.get(f"/{field}")
    if stated is not None and given is not None and given != stated:
        # What stands in the record is compared with every term that is shown later.
        raise DocumentError(
            f"The certificate states its {field} itself, and another is given.",
            "Leave it to the file, or correct the file.",
            field=field,
            seen=str(given),
            wanted=str(stated),
        )
    found = next((moment for moment in (stated, given, otherwise) if moment is not None), None)
    if found is None:
        raise DocumentError(
            "The certificate does not say until when it is valid.",
            "Give valid_until_ms, or add the date to the file.",
            field=field,
        )
    return found


def _line(place: int, header: Mapping[str, Any]) -> CertificateLine:
    """Take what the rules need of a line; all of it must be there, since declarations are compared with it."""
    fields: dict[str, Any] = {
        name: header.get(f"/lines/{place - 1}/{name}") for name in CertificateLine.__struct_fields__
    }
    missing = [name for name, value in fields.items() if value is None]
    if missing:
        raise DocumentError(
            f"Line {place} of the certificate lacks {', '.join(missing)}.",
            "Ask whoever made the file to add it: balances are kept by HS code, origin and quantity.",
            field=f"lines/{place}/{missing[0]}",
        )
    if fields["quantity_micro"] < 1:
        raise DocumentError(
            f"Line {place} of the certificate certifies no goods: its quantity is not above zero.",
            "Ask whoever made the file to leave the line out, or to correct its quantity.",
            field=f"lines/{place}/quantity_micro",
            seen=quantity_text(fields["quantity_micro"], fields["unit"]),
            wanted="a quantity above zero",
        )
    return CertificateLine(**fields)
