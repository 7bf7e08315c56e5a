"""Rules O-3 to O-8: applications for certificates, and what is asked about them."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import (
    AnswerCertificate,
    ApplyForCertificate,
    GrantCertificate,
    QueryCertificate,
    RefuseCertificate,
    WithdrawCertificate,
)
from hanse_ledger.kinds.certificate.refusals import (
    APPLICATION_CLOSED,
    CERTIFICATE_CLOSED,
    CERTIFICATE_NOT_LIVE,
    CERTIFICATE_UNKNOWN,
    NOT_ASKING,
    NOT_EXPORTER,
    NOT_ORIGIN_ISSUER,
    QUESTION_NOT_OPEN,
    QUESTION_OPEN,
)
from hanse_ledger.kinds.certificate.state import Certificate, CertificateQuery, CertificateState
from hanse_ledger.kinds.certificate.status import judged
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.party.refusals import (
    PARTY_INACTIVE,
    PARTY_LACKS_ROLE,
    PARTY_SUSPENDED,
    PARTY_UNKNOWN,
    VALIDITY_EMPTY,
    VALIDITY_PAST,
)
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED, SUPERFLUOUS_SIGNER
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import T0, YEAR
from tests.world.departures import KEYS_END, after, hold, let_keys_end, lose_role, suspend


def applied() -> Corridor:
    """An invoice, and an application that its issuer has not decided, for 500 pieces and 20 kilograms."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.apply_for_certificate()
    return corridor


def asked() -> Corridor:
    """Such an application, about which the issuer has a question."""
    corridor = applied()
    corridor.submit(corridor.make.of_certificate(QueryCertificate), "chamber", name="question")
    return corridor


def granted() -> Corridor:
    """The certificate that came of the application, for 500 pieces."""
    corridor = applied()
    corridor.submit(corridor.make.of_certificate(GrantCertificate), "chamber")
    return corridor


def doubted() -> Corridor:
    """That certificate, about which a customs authority has a question."""
    corridor = granted()
    corridor.submit(
        replace(corridor.make.of_certificate(QueryCertificate), office="customs-be"), "customs-be", name="question"
    )
    return corridor


def refused() -> Corridor:
    """An application that its issuer has refused."""
    corridor = applied()
    corridor.submit(corridor.make.of_certificate(RefuseCertificate), "chamber")
    return corridor


def certificate_of(corridor: Corridor) -> Certificate:
    """Give the application, or the certificate, as it stands."""
    found = corridor.ledger.objects[corridor.id["application"]]
    assert isinstance(found, Certificate)
    return found


APPLIED, ASKED, GRANTED, DOUBTED, OVER = applied(), asked(), granted(), doubted(), refused()
NO_ISSUER, NO_MORE = after(applied(), (lose_role, "chamber")), after(doubted(), (lose_role, "chamber"))
SUSPENDED, KEYLESS = after(traders(), (suspend, "chamber")), after(traders(), (let_keys_end, "chamber"))
HELD, EXPORTER_HELD = after(traders(), (hold, "seller")), after(applied(), (hold, "seller"))
NOW, LATE, NOBODY = APPLIED.next_time(), T0 + 2 * YEAR, bytes(32)

APPLICATION = APPLIED.make.sample(ApplyForCertificate)
EMPTY = replace(APPLICATION, valid_until=APPLICATION.valid_from)
OTHER = replace(EMPTY, consignee=NOBODY)
QUERY, ANSWER, GRANT = (
    APPLIED.make.of_certificate(QueryCertificate),
    APPLIED.make.of_certificate(AnswerCertificate),
    APPLIED.make.of_certificate(GrantCertificate),
)
REFUSAL, WITHDRAWAL = APPLIED.make.of_certificate(RefuseCertificate), APPLIED.make.of_certificate(WithdrawCertificate)
NO_QUERY, NO_ANSWER = replace(QUERY, reasons=()), replace(ANSWER, query=bytes(32))
NO_GRANT, NO_REFUSAL = replace(GRANT, valid_until=GRANT.valid_from), replace(REFUSAL, reasons=())

APPLY = [
    Refused(APPLIED, replace(EMPTY, issuer="nobody"), ("buyer",), MEMBER_UNKNOWN, "/body/issuer"),
    Refused(SUSPENDED, EMPTY, ("buyer",), MEMBER_SUSPENDED, "/body/issuer"),
    Refused(KEYLESS, EMPTY, ("buyer",), MEMBER_WITHOUT_KEY, "/body/issuer", KEYS_END),
    Refused(APPLIED, replace(EMPTY, issuer="market"), ("buyer",), MEMBER_LACKS_ROLE, "/body/issuer"),
    Refused(APPLIED, replace(OTHER, exporter=APPLIED.id["invoice"]), ("buyer",), PARTY_UNKNOWN, "/body/exporter"),
    Refused(APPLIED, OTHER, ("chamber",), PARTY_INACTIVE, "/body/exporter", LATE),
    Refused(HELD, OTHER, ("buyer",), PARTY_SUSPENDED, "/body/exporter"),
    Refused(APPLIED, replace(OTHER, exporter=APPLIED.id["buyer"]), ("seller",), PARTY_LACKS_ROLE, "/body/exporter"),
    Refused(APPLIED, OTHER, ("buyer",), NOT_EXPORTER, "/signers"),
    Refused(APPLIED, OTHER, ("chamber",), NOT_EXPORTER, "/signers"),
    Refused(APPLIED, OTHER, ("seller", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(APPLIED, OTHER, ("seller",), PARTY_UNKNOWN, "/body/consignee"),
    Refused(APPLIED, EMPTY, ("seller",), VALIDITY_EMPTY, "/body/valid_until"),
    Refused(APPLIED, replace(APPLICATION, valid_until=NOW), ("seller",), VALIDITY_PAST, "/body/valid_until"),
]

ASKING = [
    Refused(APPLIED, replace(NO_QUERY, certificate=NOBODY), ("seller",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(OVER, NO_QUERY, ("seller",), NOT_ASKING, "/signers"),
    Refused(OVER, NO_QUERY, ("chamber", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OVER, replace(NO_QUERY, office="market"), ("market",), CERTIFICATE_CLOSED, "/body/certificate"),
    Refused(ASKED, replace(NO_QUERY, office="customs-be"), ("customs-be",), NOT_ORIGIN_ISSUER, "/body/office"),
    Refused(ASKED, replace(NO_QUERY, office="bank-cn"), ("bank-cn",), NOT_ORIGIN_ISSUER, "/body/office"),
    Refused(NO_ISSUER, NO_QUERY, ("chamber",), MEMBER_LACKS_ROLE, "/body/office"),
    Refused(DOUBTED, NO_QUERY, ("chamber",), MEMBER_LACKS_ROLE, "/body/office"),
    Refused(DOUBTED, replace(NO_QUERY, office="customs-cn"), ("customs-cn",), QUESTION_OPEN, "/body/certificate"),
    Refused(ASKED, NO_QUERY, ("chamber",), QUESTION_OPEN, "/body/certificate"),
    Refused(APPLIED, NO_QUERY, ("chamber",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(APPLIED, replace(QUERY, reasons=("B", "A")), ("chamber",), REASONS_NOT_SORTED, "/body/reasons"),
]

ANSWERING = [
    Refused(APPLIED, replace(NO_ANSWER, certificate=NOBODY), ("buyer",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(APPLIED, NO_ANSWER, ("chamber",), NOT_EXPORTER, "/signers"),
    Refused(APPLIED, NO_ANSWER, ("seller", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(GRANTED, NO_ANSWER, ("seller",), NOT_ORIGIN_ISSUER, "/signers"),
    Refused(NO_MORE, NO_ANSWER, ("chamber", "seller"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(GRANTED, NO_ANSWER, ("chamber", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(APPLIED, NO_ANSWER, ("seller",), QUESTION_NOT_OPEN, "/body/query"),
    Refused(GRANTED, NO_ANSWER, ("chamber",), QUESTION_NOT_OPEN, "/body/query"),
    Refused(ASKED, NO_ANSWER, ("seller",), QUESTION_NOT_OPEN, "/body/query"),
    Refused(DOUBTED, NO_ANSWER, ("chamber",), QUESTION_NOT_OPEN, "/body/query"),
]

GRANTING = [
    Refused(APPLIED, replace(NO_GRANT, certificate=NOBODY), ("seller",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(OVER, NO_GRANT, ("seller",), NOT_ORIGIN_ISSUER, "/signers"),
    Refused(NO_ISSUER, NO_GRANT, ("chamber", "seller"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(OVER, NO_GRANT, ("chamber", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OVER, NO_GRANT, ("chamber",), APPLICATION_CLOSED, "/body/certificate"),
    Refused(GRANTED, NO_GRANT, ("chamber",), APPLICATION_CLOSED, "/body/certificate"),
    Refused(APPLIED, NO_GRANT, ("chamber",), PARTY_INACTIVE, "/body/certificate", LATE),
    Refused(EXPORTER_HELD, NO_GRANT, ("chamber",), PARTY_SUSPENDED, "/body/certificate"),
    Refused(APPLIED, NO_GRANT, ("chamber",), VALIDITY_EMPTY, "/body/valid_until"),
    Refused(APPLIED, replace(GRANT, valid_until=NOW), ("chamber",), VALIDITY_PAST, "/body/valid_until"),
]

REFUSING = [
    Refused(APPLIED, replace(NO_REFUSAL, certificate=NOBODY), ("seller",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(OVER, NO_REFUSAL, ("seller",), NOT_ORIGIN_ISSUER, "/signers"),
    Refused(NO_ISSUER, NO_REFUSAL, ("chamber", "seller"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(OVER, NO_REFUSAL, ("chamber", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OVER, NO_REFUSAL, ("chamber",), APPLICATION_CLOSED, "/body/certificate"),
    Refused(APPLIED, NO_REFUSAL, ("chamber",), REASONS_NOT_SORTED, "/body/reasons"),
]

WITHDRAWING = [
    Refused(APPLIED, replace(WITHDRAWAL, certificate=NOBODY), ("buyer",), CERTIFICATE_UNKNOWN, "/body/certificate"),
    Refused(OVER, WITHDRAWAL, ("chamber",), NOT_EXPORTER, "/signers"),
    Refused(OVER, WITHDRAWAL, ("seller", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OVER, WITHDRAWAL, ("seller",), APPLICATION_CLOSED, "/body/certificate"),
    Refused(GRANTED, WITHDRAWAL, ("seller",), APPLICATION_CLOSED, "/body/certificate"),
]

REFUSALS = APPLY + ASKING + ANSWERING + GRANTING + REFUSING + WITHDRAWING


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_an_application_is_the_certificate_that_it_becomes() -> None:
    """O-3 and O-6: one object; the issuer's own lines and validity, the parties that were applied for."""
    before, after_it = certificate_of(APPLIED), certificate_of(GRANTED)
    assert before.status.state is CertificateState.APPLIED
    assert (before.status.valid_from, before.status.valid_until) == (APPLICATION.valid_from, APPLICATION.valid_until)
    assert [balance.quantity_micro for balance in before.balances] == [500_000_000, 20_000_000]
    assert (after_it.id, after_it.links) == (before.id, before.links)
    assert after_it.status.state is CertificateState.LIVE
    assert (after_it.status.valid_from, after_it.status.valid_until) == (GRANT.valid_from, GRANT.valid_until)
    assert [(each.hs_code, each.available_micro) for each in after_it.balances] == [("610910", 500_000_000)]


def test_nothing_is_drawn_on_what_is_not_in_force() -> None:
    """C-1: an application covers no goods, asked for, refused or withdrawn; what came of it does."""
    withdrawn = applied()
    withdrawn.submit(withdrawn.make.of_certificate(WithdrawCertificate), "seller")
    for corridor in (APPLIED, ASKED, OVER, withdrawn):
        corridor.id["certificate"] = corridor.id["application"]
        for regime, signers in ((Regime.IMPORT, ("agent", "buyer")), (Regime.EXPORT, ("seller",))):
            error = corridor.refusal(corridor.make.declaration(regime), *signers)
            assert error is not None
            assert error.reason is CERTIFICATE_NOT_LIVE
    corridor = granted()
    corridor.id["certificate"] = corridor.id["application"]
    corridor.lodge_import()
    assert certificate_of(corridor).balances[0].reserved_micro == 300_000_000


def test_a_question_stands_until_it_is_answered_or_its_object_ends() -> None:
    """O-4, O-5: who asked, when, why; the answer ends it, and so does what ends what it is about."""
    corridor = asked()
    query = CertificateQuery(document=None, office="chamber", reasons=("ORIGIN-PROOF",), record=corridor.id["question"])
    assert certificate_of(corridor).query == query
    corridor.submit(corridor.make.of_certificate(AnswerCertificate), "seller")
    assert certificate_of(corridor).query is None
    corridor.submit(corridor.make.of_certificate(QueryCertificate), "chamber")
    assert corridor.refusal(corridor.make.of_certificate(AnswerCertificate), "seller") is not None
    corridor.submit(corridor.make.of_certificate(GrantCertificate), "chamber")
    assert certificate_of(corridor).query is None
    corridor = doubted()
    assert certificate_of(corridor).status.state is CertificateState.LIVE
    corridor.submit(corridor.make.of_certificate(AnswerCertificate), "chamber")
    assert certificate_of(corridor).query is None
    corridor.submit(replace(corridor.make.of_certificate(QueryCertificate), office="customs-cn"), "customs-cn")
    corridor.submit(corridor.make.certificate_revocation("application"), "chamber")
    assert certificate_of(corridor).query is None


def test_an_exporter_withdraws_where_the_issuer_is_gone() -> None:
    """O-8 asks for nobody but the exporter: suspended, without its role, or asking, the issuer holds nothing up."""
    for corridor in (after(applied(), (suspend, "chamber")), NO_ISSUER, ASKED):
        assert corridor.refusal(WITHDRAWAL, "seller") is None


def test_it_is_said_how_far_an_application_is() -> None:
    """An application is no certificate: whoever relies on one is warned, or told that it has come to nothing."""
    withdrawn = applied()
    withdrawn.submit(withdrawn.make.of_certificate(WithdrawCertificate), "seller")
    told = []
    for corridor in (APPLIED, ASKED, OVER, withdrawn, GRANTED, DOUBTED):
        value = certificate_of(corridor)
        judgement = judged({"query": value.query, "status": value.status}, NOW)
        told.append((judgement.verdict, str(judgement.state)))
    assert told == [
        (Verdict.VALID_WITH_WARNINGS, "applied for"),
        (Verdict.VALID_WITH_WARNINGS, "applied for, queried"),
        (Verdict.REVOKED, "refused"),
        (Verdict.REVOKED, "withdrawn"),
        (Verdict.VALID, "live"),
        (Verdict.VALID_WITH_WARNINGS, "live"),
    ]


def test_proofs_hold_what_came_of_an_application() -> None:
    """A declaration under a granted certificate is proven with the records that made it one."""
    corridor = asked()
    corridor.submit(corridor.make.of_certificate(AnswerCertificate), "seller")
    corridor.submit(corridor.make.of_certificate(GrantCertificate), "chamber")
    corridor.id["certificate"] = corridor.id["application"]
    corridor.lodge_import()
    corridor.release_import()
    trust = read_trust(corridor.trust)
    for name in ("application", "import", "invoice", "seller", "agent"):
        report = check_proof(write_proof(ProofMaker(corridor).proof(corridor.id[name])), trust, corridor.head.time)
        assert report.verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS), report.detail


@pytest.mark.parametrize(("body", "who"), [(APPLICATION, "seller"), (GRANT, "chamber")])
def test_a_validity_runs_forwards_and_ends_later(body: ApplyForCertificate | GrantCertificate, who: str) -> None:
    """One that runs backwards, and one that ended a while ago, are refused as those at the bound are."""
    backwards, over = (
        replace(body, valid_until=body.valid_from - 1),
        replace(body, valid_from=NOW - 2, valid_until=NOW - 1),
    )
    try_row(Refused(APPLIED, backwards, (who,), VALIDITY_EMPTY, "/body/valid_until"))
    try_row(Refused(APPLIED, over, (who,), VALIDITY_PAST, "/body/valid_until"))
