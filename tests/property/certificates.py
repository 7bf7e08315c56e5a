"""The moves of random histories that are about certificates, and applications for them."""

from collections.abc import Iterator

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import (
    AnswerCertificate,
    ApplyForCertificate,
    CertificateLine,
    CertificateRevocation,
    GrantCertificate,
    IssueCertificate,
    QueryCertificate,
    RefuseCertificate,
    ReplaceCertificate,
    ReplacementLine,
    RevokeCertificate,
    WithdrawCertificate,
)
from hanse_ledger.kinds.certificate.state import Certificate, CertificateState
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor

NOBODY = bytes(32)
APPLIED_FOR = (AnswerCertificate, GrantCertificate, RefuseCertificate, WithdrawCertificate)
"""What is mostly tried of an application that waits."""

_CODES = ("A", "B")


def waiting_one(corridor: Corridor, otherwise: Certificate | None) -> Certificate | None:
    """Choose an application that waits, one with a question first; else what was chosen."""
    held = [value for value in corridor.ledger.objects.values() if isinstance(value, Certificate)]
    waiting = [value for value in held if value.status.state is CertificateState.APPLIED]
    return next(iter(sorted(waiting, key=lambda value: value.query is None)), otherwise)


def certificate_move(
    corridor: Corridor,
    certificate: Certificate | None,
    kind: type[Body],
    picks: tuple[int, int, int, int, int],
    parties: tuple[Party | None, Party | None],
    keys: tuple[str, str],
) -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about a certificate, and say who should sign it.

    Args:
        corridor: where it is tried.
        certificate: what it is about, unless it makes one.
        kind: its body's class.
        picks: four numbers to choose by, and an amount.
        parties: the exporter and the consignee of what it makes.
        keys: with which that exporter signs, and the one of the certificate.
    """
    _, _, third, fourth, amount = picks
    name = _id(certificate)
    lines = tuple(_lines(corridor, amount, fourth))
    if kind in (IssueCertificate, ApplyForCertificate):
        body = replace(
            corridor.make.certificate() if kind is IssueCertificate else corridor.make.sample(ApplyForCertificate),
            consignee=_id(parties[1]) if third % 2 else None,
            exporter=_id(parties[0]),
            lines=lines,
        )
        return body, ("chamber",) if kind is IssueCertificate else (keys[0],)
    if kind in (QueryCertificate, AnswerCertificate):
        return _asked(certificate, kind, picks, keys[1])
    if kind is WithdrawCertificate:
        return WithdrawCertificate(certificate=name), (keys[1],)
    made: dict[type[Body], Body] = {
        GrantCertificate: replace(corridor.make.sample(GrantCertificate), certificate=name, lines=lines),
        RefuseCertificate: RefuseCertificate(certificate=name, reasons=_CODES[: 1 + fourth]),
        ReplaceCertificate: _replacement(corridor, certificate, lines, third),
        RevokeCertificate: RevokeCertificate(certificate=name, reason=CertificateRevocation.ERROR),
    }
    return made.get(kind, made[RefuseCertificate]), ("chamber",)


def _asked(
    certificate: Certificate | None, kind: type[Body], picks: tuple[int, int, int, int, int], key: str
) -> tuple[Body, tuple[str, ...]]:
    """Ask about it, or answer: of a certificate customs and its issuer, of an application that and the exporter."""
    name, applied = _id(certificate), certificate is not None and certificate.status.state is CertificateState.APPLIED
    if kind is AnswerCertificate:
        query = certificate.query.record if certificate is not None and certificate.query is not None else NOBODY
        return AnswerCertificate(certificate=name, document=None, query=query), (key if applied else "chamber",)
    office = "chamber" if applied or not picks[1] else "customs-be"
    return QueryCertificate(certificate=name, document=None, office=office, reasons=_CODES[: 1 + picks[3]]), (office,)


def _replacement(
    corridor: Corridor, certificate: Certificate | None, lines: tuple[CertificateLine, ...], pick: int
) -> ReplaceCertificate:
    """Mostly the same goods, with what was drawn; now and then others, or too little."""
    balances = certificate.balances if certificate and pick < 12 else ()
    same = tuple(
        ReplacementLine(
            drawn_before_micro=max(each.drawn_before_micro + each.written_off_micro - (pick == 11), 0),
            hs_code=each.hs_code,
            origin=each.origin,
            quantity_micro=each.quantity_micro + pick,
            unit=each.unit,
        )
        for each in balances
    )
    others = tuple(
        ReplacementLine(
            drawn_before_micro=0,
            hs_code=line.hs_code,
            origin=line.origin,
            quantity_micro=line.quantity_micro,
            unit=line.unit,
        )
        for line in lines
    )
    return replace(corridor.make.sample(ReplaceCertificate), certificate=_id(certificate), lines=same or others)


def _lines(corridor: Corridor, amount: int, pick: int) -> Iterator[CertificateLine]:
    for line in corridor.make.certificate().lines:
        yield replace(line, quantity_micro=amount, hs_code=(line.hs_code + "001290")[: 4 + pick % 9])


def _id(value: Certificate | Party | None) -> ObjectId:
    return value.id if value else NOBODY
