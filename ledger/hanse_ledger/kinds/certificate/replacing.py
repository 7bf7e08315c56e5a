"""A certificate in the place of another one: what was drawn on the old one goes over, and nothing comes back by it."""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import ReplaceCertificate, ReplacementLine
from hanse_ledger.kinds.certificate.refusals import (
    CERTIFICATE_NOT_LIVE,
    CERTIFICATE_RESERVED,
    DRAWN_BEYOND_QUANTITY,
    DRAWN_NOT_CARRIED,
)
from hanse_ledger.kinds.certificate.rules import find_certificate, in_state, require_issuer, require_validity
from hanse_ledger.kinds.certificate.state import Balance, Certificate, CertificateState, CertificateStatus
from hanse_ledger.kinds.common import Context, Signers, require
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.types import same_hs_code


def replace_certificate(state: StateView, body: ReplaceCertificate, signers: Signers, context: Context) -> Delta:
    """O-9. The issuer puts another certificate in the place of one in force, for the same parties."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    require_issuer(state, certificate, signers)
    present = certificate.status.state
    require(present is CertificateState.LIVE, CERTIFICATE_NOT_LIVE, "/body/certificate", seen=present)
    require_validity(body, context)
    reserved = [place for place, balance in enumerate(certificate.balances, start=1) if balance.reserved_micro]
    require(not reserved, CERTIFICATE_RESERVED, "/body/certificate", seen=f"line {reserved[0]}" if reserved else "")
    for place, balance in enumerate(certificate.balances):
        _require_carried(body, balance, place)
    for place, line in enumerate(body.lines):
        require(
            line.drawn_before_micro <= line.quantity_micro,
            DRAWN_BEYOND_QUANTITY,
            f"/body/lines/{place}/quantity_micro",
            seen=quantity_text(line.quantity_micro, line.unit),
            wanted=f"at least {quantity_text(line.drawn_before_micro, line.unit)}",
        )

    # From here the replacement must succeed.
    successor = Certificate(
        id=context.creates,
        seed=context.seed,
        balances=tuple(_opened(line) for line in body.lines),
        history=NO_HISTORY,
        links=replace(certificate.links, replaces=certificate.id),
        query=None,
        status=CertificateStatus(
            replaced_by=None,
            state=CertificateState.LIVE,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
        ),
    )
    old = in_state(certificate, CertificateState.REPLACED)
    return Delta(objects=(successor, replace(old, status=replace(old.status, replaced_by=successor.id))))


def _require_carried(body: ReplaceCertificate, balance: Balance, place: int) -> None:
    """Refuse to forget what was drawn on a line; of a line of which nothing was drawn anything may become."""
    drawn = balance.drawn_before_micro + balance.written_off_micro
    if drawn == 0:
        return
    line = body.lines[place] if place < len(body.lines) else None
    same_goods = line is not None and same_hs_code(line.hs_code, balance.hs_code)
    require(
        line is not None
        and same_goods
        and (line.origin, line.unit) == (balance.origin, balance.unit)
        and line.drawn_before_micro >= drawn,
        DRAWN_NOT_CARRIED,
        f"/body/lines/{place}",
        seen="" if line is None else f"{quantity_text(line.drawn_before_micro, line.unit)} of {line.hs_code}",
        wanted=f"at least {quantity_text(drawn, balance.unit)} of {balance.hs_code}",
    )


def _opened(line: ReplacementLine) -> Balance:
    return Balance(
        drawn_before_micro=line.drawn_before_micro,
        hs_code=line.hs_code,
        moved=None,
        origin=line.origin,
        quantity_micro=line.quantity_micro,
        reserved_micro=0,
        unit=line.unit,
        written_off_micro=0,
    )
