"""Proofs of what was signed under mandates: the verifier judges them itself, and settles whether they had ended."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from hanse_ledger import signers
from hanse_ledger.kinds.mandate.bodies import RevokeMandate
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.test_rules_mandates import mandated
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY


def accepted(by: str = "agent", mandate: str = "mandate") -> Corridor:
    """A mandatary has accepted the invoice for the buyer."""
    corridor = mandated()
    corridor.submit(corridor.make.acceptance(), by, mandates=[corridor.id[mandate]])
    return corridor


def prove(corridor: Corridor, *names: str) -> ProofFile:
    """Prove objects; the invoice unless told otherwise."""
    return ProofMaker(corridor).proof(*(corridor.id[name] for name in names or ("invoice",)))


@pytest.mark.parametrize(
    ("by", "mandate", "shown"),
    [
        ("agent", "mandate", "party {agent} for party {buyer} under mandate"),
        ("market", "of market", "market for party {buyer} under mandate"),
        ("actor", "of customs", " of customs-be for party {buyer} under mandate"),
    ],
)
def test_a_verdict_says_who_signed_for_whom(by: str, mandate: str, shown: str) -> None:
    """With the party, the member, or the officer that did."""
    corridor = accepted(by, mandate)
    report = check(prove(corridor), corridor.head.time)
    assert report.verdict in GOOD, report.detail
    (act,) = (act for act in report.acts if act.kind == "invoice.accept")
    names = {name: object_id.hex() for name, object_id in corridor.id.items()}
    assert act.signers[0].endswith(shown.format(**names))
    assert any("1 mandates in the file none had been revoked" in each for each in report.established)
    assert any("under mandate" in each for each in report.keys)


def test_a_mandate_is_proven_with_what_was_signed_under_it() -> None:
    """Its history is whole, and what was drawn from its sum is what its records lead to."""
    corridor = accepted()
    corridor.submit(corridor.make.instruction(30_000), "agent", name="payment", mandates=[corridor.id["mandate"]])
    report = check(prove(corridor, "mandate"), corridor.head.time)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS or report.verdict is Verdict.VALID, report.detail
    assert report.subjects[0].facts["amounts"].used_minor == 130_000
    assert [act.kind for act in report.acts if corridor.id["mandate"] in act.objects] == [
        "mandate.grant",
        "invoice.accept",
        "payment.instruct",
    ]
    # Beside another object it need not show all that was drawn.
    assert check(prove(corridor, "payment"), corridor.head.time).verdict in GOOD


def test_what_was_signed_before_a_revocation_stands() -> None:
    """The record that ended the mandate is in the file, and needed; the verdict over the mandate itself says so."""
    corridor = accepted()
    corridor.submit(RevokeMandate(mandate=corridor.id["mandate"]), "buyer")
    proof = prove(corridor)
    report = check(proof, corridor.head.time)
    assert report.verdict in GOOD, report.detail
    assert any("1 had been revoked" in each for each in report.established)
    assert check(prove(corridor, "mandate"), corridor.head.time).verdict is Verdict.REVOKED
    hidden = tuple(replace(part, value=None) for part in proof.mandates)
    assert check(replace(proof, mandates=hidden), corridor.head.time).verdict is Verdict.TAMPERED
    assert check(replace(proof, mandates=()), corridor.head.time).verdict is Verdict.TAMPERED
    short = tuple(part for part in proof.records if part != proof.records[-1])
    report = check(replace(proof, records=short), corridor.head.time)
    assert report.verdict is Verdict.TAMPERED
    assert "a mandate was ended by the record" in report.detail


def test_a_mandate_that_nothing_needs_is_spare() -> None:
    """As every record is: a file holds what it needs, and no more."""
    corridor = accepted()
    whole, alone = prove(corridor, "invoice", "without limit"), prove(corridor)
    assert len(whole.mandates) > len(alone.mandates)
    report = check(replace(alone, mandates=whole.mandates), corridor.head.time)
    assert report.verdict is Verdict.TAMPERED


@contextmanager
def played_false(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let everybody who replays take whatever is signed under any mandate, as colluding cosigners would."""

    def taken(_state: object, mandate: Mandate, *_: object, **__: object) -> Mandate:
        return mandate

    with monkeypatch.context() as patched:
        patched.setattr(signers, "use_mandate", taken)
        yield


@pytest.mark.parametrize(
    ("by", "mandate", "rule"),
    [
        ("agent", "revoked", "under a mandate that the record at position"),
        ("market", "mandate", "mandatary-missing"),
        ("agent", "of tomorrow", "mandate-inactive"),
        ("agent", "without limit", "mandate-without-limit"),
    ],
)
def test_colluding_cosigners_stretch_no_mandate(
    monkeypatch: pytest.MonkeyPatch, by: str, mandate: str, rule: str
) -> None:
    """What the rules refuse is tampered, though everybody who vouches has taken it."""
    corridor = mandated()
    with played_false(monkeypatch):
        # A mandatary of another mandate counts as a signer too many; who signs beside it is not asked here.
        names = (by,) if by == "agent" else (by, "agent")
        corridor.submit(corridor.make.acceptance(), *names[:1], mandates=[corridor.id[mandate]])
    report = check(prove(corridor), corridor.head.time)
    assert report.verdict is Verdict.TAMPERED
    assert rule in report.detail


def test_a_mandate_is_judged_within_its_validity() -> None:
    """It has not begun, is in force, and has expired."""
    corridor = accepted()
    proof = prove(corridor, "of tomorrow")
    assert check(proof, corridor.head.time).subjects[0].state == "not yet valid"
    assert check(proof, corridor.head.time + 2 * DAY).subjects[0].state == "in force"
    assert check(proof, corridor.head.time + 400 * DAY).verdict is Verdict.EXPIRED_OR_SUPERSEDED
