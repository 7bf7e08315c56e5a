"""Rules O-1 and O-2: issue and revocation of certificates of origin."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import CertificateType
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE, CERTIFICATE_UNKNOWN, NOT_ORIGIN_ISSUER
from hanse_ledger.kinds.certificate.state import (
    Balance,
    Certificate,
    CertificateLinks,
    CertificateState,
    CertificateStatus,
)
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import (
    PARTY_INACTIVE,
    PARTY_LACKS_ROLE,
    PARTY_SUSPENDED,
    PARTY_UNKNOWN,
    VALIDITY_EMPTY,
    VALIDITY_PAST,
)
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.certificates.test_rules_applications import applied
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import DAY, T0, YEAR
from tests.world.departures import KEYS_END, after, hold, let_keys_end, lose_role, suspend


def revoked() -> Corridor:
    """A certificate that is revoked while a declaration holds a part of it."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_import()
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    return corridor


def certificate_of(corridor: Corridor) -> Certificate:
    """Give the certificate as it stands."""
    found = corridor.ledger.objects[corridor.id["certificate"]]
    assert isinstance(found, Certificate)
    return found


STORY, REVOKED, APPLIED = story(), revoked(), applied()
SUSPENDED, KEYLESS = after(story(), (suspend, "chamber")), after(story(), (let_keys_end, "chamber"))
NO_ISSUER = after(revoked(), (lose_role, "chamber"))
NOW, LATE = STORY.next_time(), T0 + 2 * YEAR
HELD = after(story(), (hold, "seller"))
CERTIFICATE = STORY.make.certificate()
EMPTY = replace(CERTIFICATE, valid_until=CERTIFICATE.valid_from)
REVOKE = STORY.make.certificate_revocation()

ISSUE = [
    Refused(STORY, replace(EMPTY, issuer="nobody"), ("market",), MEMBER_UNKNOWN, "/body/issuer"),
    Refused(SUSPENDED, EMPTY, ("market",), MEMBER_SUSPENDED, "/body/issuer"),
    Refused(KEYLESS, EMPTY, ("market",), MEMBER_WITHOUT_KEY, "/body/issuer", KEYS_END),
    Refused(KEYLESS, EMPTY, ("market",), MEMBER_WITHOUT_KEY, "/body/issuer", KEYS_END + 1),
    Refused(STORY, replace(EMPTY, issuer="market"), ("chamber",), MEMBER_LACKS_ROLE, "/body/issuer"),
    Refused(STORY, replace(CERTIFICATE, issuer="market"), ("market",), MEMBER_LACKS_ROLE, "/body/issuer"),
    Refused(STORY, replace(EMPTY, exporter=bytes(32)), ("market",), NOT_ORIGIN_ISSUER, "/signers"),
    Refused(STORY, CERTIFICATE, ("seller", "market"), NOT_ORIGIN_ISSUER, "/signers"),
    Refused(STORY, replace(EMPTY, exporter=bytes(32)), ("chamber", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        STORY,
        replace(EMPTY, exporter=STORY.id["invoice"], consignee=bytes(32)),
        ("chamber",),
        PARTY_UNKNOWN,
        "/body/exporter",
    ),
    Refused(STORY, replace(EMPTY, consignee=bytes(32)), ("chamber",), PARTY_INACTIVE, "/body/exporter", LATE),
    Refused(HELD, replace(EMPTY, consignee=bytes(32)), ("chamber",), PARTY_SUSPENDED, "/body/exporter"),
    Refused(
        STORY,
        replace(EMPTY, exporter=STORY.id["buyer"], consignee=bytes(32)),
        ("chamber",),
        PARTY_LACKS_ROLE,
        "/body/exporter",
    ),
    Refused(STORY, replace(EMPTY, consignee=bytes(32)), ("chamber",), PARTY_UNKNOWN, "/body/consignee"),
    Refused(STORY, EMPTY, ("chamber",), VALIDITY_EMPTY, "/body/valid_until"),
    Refused(STORY, replace(CERTIFICATE, valid_until=NOW), ("chamber",), VALIDITY_PAST, "/body/valid_until"),
]

REVOCATION = [
    Refused(STORY, replace(REVOKE, certificate=bytes(32)), ("market",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(REVOKED, REVOKED.make.certificate_revocation(), ("seller",), NOT_ORIGIN_ISSUER, "/signers"),
    Refused(
        NO_ISSUER,
        NO_ISSUER.make.certificate_revocation(),
        ("chamber", "customs-be"),
        MEMBER_LACKS_ROLE,
        "/signers",
    ),
    Refused(
        REVOKED,
        REVOKED.make.certificate_revocation(),
        ("chamber", "customs-be"),
        SUPERFLUOUS_SIGNER,
        "/signers",
    ),
    Refused(
        REVOKED,
        REVOKED.make.certificate_revocation(),
        ("chamber",),
        CERTIFICATE_NOT_LIVE,
        "/body/certificate",
    ),
    Refused(
        APPLIED,
        APPLIED.make.certificate_revocation("application"),
        ("chamber",),
        CERTIFICATE_NOT_LIVE,
        "/body/certificate",
    ),
]

REFUSALS = ISSUE + REVOCATION


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_issue_opens_a_balance_for_each_line() -> None:
    """O-1 makes a live certificate of which nothing is reserved or written off."""
    corridor = traders()
    body = corridor.make.certificate()
    name = corridor.issue_certificate()
    signed = corridor.signed["certificate"]
    assert certificate_of(corridor) == Certificate(
        id=name,
        seed=step_seed(signed.record.nonce),
        balances=(
            Balance(
                drawn_before_micro=0,
                hs_code="610910",
                moved=None,
                origin="CN",
                quantity_micro=500_000_000,
                reserved_micro=0,
                unit="C62",
                written_off_micro=0,
            ),
            Balance(
                drawn_before_micro=0,
                hs_code="090210",
                moved=None,
                origin="CN",
                quantity_micro=20_000_000,
                reserved_micro=0,
                unit="KGM",
                written_off_micro=0,
            ),
        ),
        history=NO_HISTORY.after(signed.id),
        links=CertificateLinks(
            consignee=corridor.id["buyer"],
            exporter=corridor.id["seller"],
            issuer="chamber",
            replaces=None,
            type=CertificateType.ORIGIN,
        ),
        query=None,
        status=CertificateStatus(
            replaced_by=None, state=CertificateState.LIVE, valid_from=body.valid_from, valid_until=body.valid_until
        ),
    )


def test_consignee_may_be_missing_and_validity_may_begin_later() -> None:
    """O-1 asks for a consignee only where one is named, and for a validity that has not ended."""
    assert STORY.refusal(replace(CERTIFICATE, consignee=None), "chamber") is None
    assert STORY.refusal(replace(CERTIFICATE, valid_from=NOW + DAY), "chamber") is None
    assert STORY.refusal(replace(CERTIFICATE, valid_until=NOW + 1), "chamber") is None


def test_consignee_need_not_be_enrolled_now() -> None:
    """O-1 asks of the consignee that it is a party; whether it may buy is for the invoice."""
    corridor = traders()
    brief = replace(corridor.make.enrolment("brief", PartyRole.AGENT), valid_until=T0 + DAY)
    name = corridor.submit(brief, "market", "brief")
    assert corridor.refusal(replace(corridor.make.certificate(), consignee=name), "chamber", at=T0 + DAY) is None


def test_revocation_changes_the_state_only() -> None:
    """O-2 leaves reserved and written-off quantities as they are."""
    certificate = certificate_of(REVOKED)
    assert certificate.status.state is CertificateState.REVOKED
    assert [balance.reserved_micro for balance in certificate.balances] == [300_000_000, 0]
    assert STORY.refusal(REVOKE, "chamber") is None


@pytest.mark.parametrize("kind", CertificateType)
def test_licences_and_quotas_are_issued_and_drawn_by_the_same_rules(kind: CertificateType) -> None:
    """O-1, C-1, C-2: whatever it is, its lines are balances, from which imports draw."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.submit(replace(corridor.make.certificate(), type=kind), "chamber", name="certificate")
    corridor.lodge_import()
    corridor.release_import()
    certificate = certificate_of(corridor)
    assert certificate.links.type is kind
    assert certificate.balances[0].written_off_micro == 300_000_000


@pytest.mark.parametrize("kind", CertificateType)
def test_nobody_but_the_origin_issuer_signs_a_licence_or_a_quota(kind: CertificateType) -> None:
    """O-1, O-2: neither customs, which lets goods in under it, nor a marketplace or a bank issues or revokes one."""
    corridor = traders()
    body = replace(corridor.make.certificate(), type=kind)
    for name in ("bank-cn", "customs-be", "market"):
        for issuer, reason in ((name, MEMBER_LACKS_ROLE), ("chamber", NOT_ORIGIN_ISSUER)):
            error = corridor.refusal(replace(body, issuer=issuer), name)
            assert error is not None
            assert error.reason is reason, (name, issuer)
    corridor.submit(body, "chamber", name="certificate")
    error = corridor.refusal(corridor.make.certificate_revocation(), "customs-be")
    assert error is not None
    assert error.reason is NOT_ORIGIN_ISSUER
