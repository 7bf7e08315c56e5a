"""What a certificate's file says, and the records that are made of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import DocumentError
from hanse_client.base.files import read_source, read_typed
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.exchange.registering import Registration
from hanse_client.home.openings import Opening, new_opening
from hanse_documents.model.documents import CertificateDocument, terms
from hanse_documents.model.errors import Fault
from hanse_ledger.kinds.certificate.bodies import (
    CertificateLine,
    CertificateType,
    GrantCertificate,
    IssueCertificate,
    ReplacementLine,
)
from hanse_ledger.kinds.certificate.state import Balance
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.values.dates import start_of
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.catalogue import CommittedKind


class CertificatePaper(NamedTuple):
    """A certificate's file, or a draft of one, as it was read: what opens it, and what the record says of it."""

    data: bytes
    opening: Opening
    lines: tuple[CertificateLine, ...]
    valid_from: Moment
    valid_until: Moment
    findings: tuple[Fault, ...]


def read_certificate(
    file: Path | str | bytes, discoverable: bool, valid_from_ms: Moment | None, valid_until_ms: Moment | None
) -> CertificatePaper:
    """Read a certificate's file. Raises DocumentError where it cannot be registered."""
    data, name = read_source(file)
    document, findings = read_typed(data, name, CertificateDocument)
    stated = terms(document)
    header = header_of(CommittedKind.CERTIFICATE, stated, 0)
    issued = start_of(document.issued) if document.issued else None
    first = next((at for at in (document.issued_at, issued) if at is not None), now_ms())
    return CertificatePaper(
        data=data,
        opening=new_opening(CommittedKind.CERTIFICATE, data, stated, name=name, discoverable=discoverable),
        lines=tuple(_line(place, header) for place in range(1, len(document.lines) + 1)),
        valid_from=_moment("valid_from", header, valid_from_ms, first),
        valid_until=_moment("valid_until", header, valid_until_ms, None),
        findings=findings,
    )


def issued_on(
    paper: CertificatePaper,
    issuer: MemberId,
    exporter: Id | None,
    consignee: Id | None,
    kind: CertificateType,
    consignment: Id | None,
) -> Registration:
    """Make the record that issues it to an exporter."""
    assert exporter is not None, "an exporter or an application was asked for"
    return IssueCertificate(
        consignee=parse_id_if(consignee, "consignee"),
        consignment=parse_id_if(consignment, "consignment"),
        document=paper.opening.commitment(),
        exporter=parse_id(exporter, "exporter"),
        issuer=issuer,
        lines=paper.lines,
        payload=None,
        type=kind,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
    )


def granted_on(paper: CertificatePaper, application: Id) -> Registration:
    """Make the record that issues it on an application."""
    return GrantCertificate(
        certificate=parse_id(application, "application"),
        document=paper.opening.commitment(),
        lines=paper.lines,
        payload=None,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
    )


def carried_over(lines: Sequence[CertificateLine], old: Sequence[Balance]) -> tuple[ReplacementLine, ...]:
    """Carry what was drawn on each line of the old certificate over to the line in its place."""
    drawn = [balance.drawn_before_micro + balance.written_off_micro for balance in old]
    drawn += [0] * (len(lines) - len(drawn))
    return tuple(
        ReplacementLine(
            drawn_before_micro=used,
            hs_code=line.hs_code,
            origin=line.origin,
            quantity_micro=line.quantity_micro,
            unit=line.unit,
        )
        for line, used in zip(lines, drawn, strict=False)
    )


def _moment(field: str, header: Mapping[str, Any], wanted: Moment | None, otherwise: Moment | None) -> Moment:
    """Take a limit of the validity: as the file states it, else as the caller gives it, else as is usual."""
    stated: Moment | None = header.get(f"/{field}")
    if stated is not None and wanted is not None and wanted != stated:
        # What stands in the record is compared with every term that is shown later.
        raise DocumentError(
            f"The certificate states its {field} itself, and another is given.",
            "Leave it to the file, or correct the file.",
            field=field,
            seen=str(wanted),
            wanted=str(stated),
        )
    found = next((moment for moment in (stated, wanted, otherwise) if moment is not None), None)
    if found is None:
        raise DocumentError(
            "The certificate does not say until when it is valid.",
            "Say it: --valid-until, or valid_until_ms=…. Or have the date added to the file.",
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
