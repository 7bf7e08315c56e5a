"""Rule O-9: a certificate in the place of another one."""

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds.certificate.bodies import ReplaceCertificate
from hanse_ledger.kinds.certificate.refusals import (
    CERTIFICATE_NOT_LIVE,
    CERTIFICATE_RESERVED,
    CERTIFICATE_UNKNOWN,
    DRAWN_BEYOND_QUANTITY,
    DRAWN_NOT_CARRIED,
    NOT_ORIGIN_ISSUER,
)
from hanse_ledger.kinds.certificate.state import Certificate, CertificateState
from hanse_ledger.kinds.certificate.status import judged
from hanse_ledger.kinds.declaration.bodies import CertificateUse, Regime
from hanse_ledger.kinds.declaration.refusals import CERTIFICATE_OVERDRAWN
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.party.refusals import VALIDITY_EMPTY, VALIDITY_PAST
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.certificates.test_rules_applications import applied
from tests.world.corridor import Corridor, traders
from tests.world.departures import after, lose_role
from tests.world.entries import bodies_of

PIECES, USED = 500_000_000, 300_000_000


def lodged() -> Corridor:
    """300 of 500 pieces are reserved, to be decided."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_import(USED)
    return corridor


def drawn() -> Corridor:
    """300 of 500 pieces are written off."""
    corridor = lodged()
    corridor.release_import()
    return corridor


def replacement(corridor: Corridor, *used: int, certificate: str = "certificate") -> ReplaceCertificate:
    """A duplicate of the certificate, which carries this much over; by default what was drawn."""
    body = corridor.make.of_certificate(ReplaceCertificate, certificate)
    lines = zip(body.lines, used or (USED, 0), strict=True)
    return replace(body, lines=tuple(replace(line, drawn_before_micro=micro) for line, micro in lines))


def replaced() -> Corridor:
    """The certificate of which 300 pieces are written off has been replaced."""
    corridor = drawn()
    corridor.submit(replacement(corridor), "chamber", name="new")
    return corridor


def certificate_of(corridor: Corridor, name: str) -> Certificate:
    """Give a certificate as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Certificate)
    return found


def third_drawn() -> Corridor:
    """Of the third line of a certificate, 500 pieces again, 300 are written off."""
    corridor = traders()
    corridor.issue_invoice()
    body = corridor.make.certificate()
    corridor.submit(replace(body, lines=(*body.lines, body.lines[0])), "chamber", name="certificate")
    lodged = corridor.make.declaration(Regime.IMPORT, USED)
    use = CertificateUse(certificate=corridor.id["certificate"], line=3)
    corridor.submit(
        replace(lodged, lines=(replace(lodged.lines[0], certificate=use),)), "agent", "buyer", name="import"
    )
    corridor.release_import()
    return corridor


LODGED, DRAWN, REPLACED, THIRD, APPLIED = lodged(), drawn(), replaced(), third_drawn(), applied()
NO_ISSUER = after(drawn(), (lose_role, "chamber"))
NOW = DRAWN.next_time()
FORGETS = replacement(DRAWN, USED - 1, 0)
EMPTY = replace(FORGETS, valid_until=FORGETS.valid_from)
BEYOND = replacement(DRAWN, PIECES + 1, 0)
SHIRTS, TEA = replacement(DRAWN).lines
OF_THIRD = replace(FORGETS, certificate=THIRD.id["certificate"])

REFUSALS = [
    Refused(DRAWN, replace(EMPTY, certificate=bytes(32)), ("seller",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(
        REPLACED, replace(EMPTY, certificate=REPLACED.id["certificate"]), ("seller",), NOT_ORIGIN_ISSUER, "/signers"
    ),
    Refused(NO_ISSUER, EMPTY, ("chamber", "seller"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(REPLACED, EMPTY, ("chamber", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(REPLACED, EMPTY, ("chamber",), CERTIFICATE_NOT_LIVE, "/body/certificate"),
    Refused(
        APPLIED,
        replace(EMPTY, certificate=APPLIED.id["application"]),
        ("chamber",),
        CERTIFICATE_NOT_LIVE,
        "/body/certificate",
    ),
    Refused(LODGED, EMPTY, ("chamber",), VALIDITY_EMPTY, "/body/valid_until"),
    Refused(LODGED, replace(FORGETS, valid_until=LODGED.next_time()), ("chamber",), VALIDITY_PAST, "/body/valid_until"),
    Refused(LODGED, FORGETS, ("chamber",), CERTIFICATE_RESERVED, "/body/certificate"),
    Refused(DRAWN, FORGETS, ("chamber",), DRAWN_NOT_CARRIED, "/body/lines/0"),
    Refused(DRAWN, replace(BEYOND, lines=(TEA,)), ("chamber",), DRAWN_NOT_CARRIED, "/body/lines/0"),
    *(
        Refused(THIRD, replace(OF_THIRD, lines=(SHIRTS, TEA)[:count]), ("chamber",), DRAWN_NOT_CARRIED, "/body/lines/2")
        for count in (1, 2)
    ),
    *(
        Refused(
            DRAWN,
            replace(FORGETS, lines=(replace(SHIRTS, origin=origin),)),
            ("chamber",),
            DRAWN_NOT_CARRIED,
            "/body/lines/0",
        )
        for origin in ("BE", "VN")
    ),
    Refused(
        DRAWN, replace(FORGETS, lines=(replace(SHIRTS, unit="KGM"),)), ("chamber",), DRAWN_NOT_CARRIED, "/body/lines/0"
    ),
    Refused(
        DRAWN,
        replace(FORGETS, lines=(replace(SHIRTS, hs_code="610920"),)),
        ("chamber",),
        DRAWN_NOT_CARRIED,
        "/body/lines/0",
    ),
    Refused(DRAWN, BEYOND, ("chamber",), DRAWN_BEYOND_QUANTITY, "/body/lines/0/quantity_micro"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_what_was_drawn_goes_over() -> None:
    """O-9: of the new certificate so much is available as was left of the old one, and each names the other."""
    old, new = certificate_of(REPLACED, "certificate"), certificate_of(REPLACED, "new")
    assert (old.status.state, old.status.replaced_by) == (CertificateState.REPLACED, new.id)
    assert (new.status.state, new.links) == (CertificateState.LIVE, replace(old.links, replaces=old.id))
    assert [balance.available_micro for balance in new.balances] == [PIECES - USED, 20_000_000]
    assert [balance.moved for balance in new.balances] == [None, None]
    assert breaches(REPLACED.ledger, bodies_of(REPLACED.entries)) == []


def test_nothing_comes_back_by_a_replacement() -> None:
    """C-1: on the new certificate what is left can be declared for import, and no more; on the old one nothing."""
    corridor = replaced()
    body = corridor.make.declaration(Regime.IMPORT, PIECES - USED)
    error = corridor.refusal(body, "agent", "buyer")
    assert error is not None
    assert error.reason is CERTIFICATE_NOT_LIVE
    corridor.id["certificate"] = corridor.id["new"]
    error = corridor.refusal(corridor.make.declaration(Regime.IMPORT, PIECES - USED + 1), "agent", "buyer")
    assert error is not None
    assert error.reason is CERTIFICATE_OVERDRAWN
    corridor.lodge_import(PIECES - USED)
    # An export is held to what is certified, whatever has been imported of it.
    corridor.lodge_export(PIECES)
    corridor.release_import()
    assert certificate_of(corridor, "new").balances[0].available_micro == 0
    try_row(
        Refused(
            corridor,
            replacement(corridor, PIECES - 1, 0, certificate="new"),
            ("chamber",),
            DRAWN_NOT_CARRIED,
            "/body/lines/0",
        )
    )
    corridor.submit(replacement(corridor, PIECES, 0, certificate="new"), "chamber", name="third")
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


def test_of_what_was_not_drawn_anything_may_become() -> None:
    """O-9: a line of which nothing was drawn may be corrected, left out, or added to."""
    body = replacement(DRAWN)
    for lines in ((SHIRTS,), (SHIRTS, replace(TEA, hs_code="090220")), (SHIRTS, TEA, TEA)):
        assert DRAWN.refusal(replace(body, lines=lines), "chamber") is None
    assert DRAWN.refusal(replacement(DRAWN, PIECES, 0), "chamber") is None


def test_it_is_said_what_stands_in_its_place() -> None:
    """Whoever relies on the old one is told that it is superseded, and by which."""
    status = certificate_of(REPLACED, "certificate").status
    judgement = judged({"query": None, "status": status}, NOW)
    assert judgement.verdict is Verdict.EXPIRED_OR_SUPERSEDED
    assert REPLACED.id["new"].hex() in str(judgement.detail)


def test_proofs_hold_both() -> None:
    """A proof of either certificate holds, whole or of what was declared under it, and says which one counts."""
    corridor = replaced()
    trust = read_trust(corridor.trust)
    verdicts = {}
    for name in ("certificate", "new", "import", "invoice", "seller"):
        report = check_proof(write_proof(ProofMaker(corridor).proof(corridor.id[name])), trust, corridor.head.time)
        verdicts[name] = report.verdict
    assert verdicts.pop("certificate") is Verdict.EXPIRED_OR_SUPERSEDED
    assert set(verdicts.values()) <= {Verdict.VALID, Verdict.VALID_WITH_WARNINGS}
