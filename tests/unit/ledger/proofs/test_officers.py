"""Proofs of what officers signed: the verifier judges powers, validity and four eyes itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from hanse_ledger import signers
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.test_rules_offices import opened, paired
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import T0, YEAR


def released(made: Callable[[], Corridor], *by: str, at: int | None = None) -> Corridor:
    """Have an import released."""
    corridor = made()
    corridor.submit(corridor.make.release("import"), *by, at=at)
    return corridor


def prove(corridor: Corridor) -> ProofFile:
    """Prove the import."""
    return ProofMaker(corridor).proof(corridor.id["import"])


@contextmanager
def played_false(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let everybody who replays take whatever any officer signs, as colluding cosigners would."""

    def taken(_state: object, office: Office, *_: object) -> str:
        return office.links.member

    with monkeypatch.context() as patched:
        patched.setattr(signers, "judge_officer_key", taken)
        patched.setattr(signers, "require_power", lambda *_: None)
        patched.setattr(signers, "seen_by_two", lambda *_: False)
        yield


@pytest.mark.parametrize(("made", "by"), [(opened, ("second officer",)), (paired, ("second officer", "third officer"))])
def test_what_officers_sign_is_proven(made: Callable[[], Corridor], by: tuple[str, ...]) -> None:
    """The report names them as officers of their member, and the acts are among what was done."""
    proof = prove(released(made, *by))
    report = check(proof, T0 + 120_000)
    assert report.verdict in GOOD, report.detail
    (release,) = (act for act in report.acts if act.kind == "declaration.release")
    assert len(release.signers) == len(by)
    assert all(signer.startswith("officer ") and signer.endswith(" of customs-be") for signer in release.signers)
    assert {"office.open", "office.appoint", "office.dismiss"} <= {act.kind for act in report.acts}


@pytest.mark.parametrize(
    ("made", "by", "at", "rule"),
    [
        (opened, ("reader",), None, "F-5, officer-without-power"),
        (opened, ("gone",), None, "F-5, officer-ended"),
        (opened, ("tomorrow",), None, "F-5, officer-inactive"),
        (opened, ("first officer",), T0 + YEAR, "F-5, officer-inactive"),
        (paired, ("first officer",), None, "F-6, four-eyes-wanted"),
    ],
)
def test_colluding_cosigners_give_no_officer_a_power(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[], Corridor], by: tuple[str, ...], at: int | None, rule: str
) -> None:
    """What the rules refuse is tampered, though everybody who vouches has taken it."""
    with played_false(monkeypatch):
        corridor = released(made, *by, at=at)
    report = check(prove(corridor), corridor.head.time)
    assert report.verdict is Verdict.TAMPERED
    assert rule in report.detail


def without_part(proof: ProofFile) -> ProofFile:
    """Leave the office out."""
    return replace(proof, offices=())


def changed(**changes: object) -> Callable[[ProofFile], ProofFile]:
    """Change the office's part."""

    def change(proof: ProofFile) -> ProofFile:
        (part,) = proof.offices
        return replace(proof, offices=(replace(part, **changes),))

    return change


def acts(change: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Callable[[ProofFile], ProofFile]:
    """Change which acts are said to be all."""

    def changing(proof: ProofFile) -> ProofFile:
        (part,) = proof.offices
        return replace(proof, offices=(replace(part, acts=change(part.acts)),))

    return changing


def without_act(proof: ProofFile) -> ProofFile:
    """Leave out the last act, record and all."""
    (part,) = proof.offices
    records = tuple(each for each in proof.records if decode_entry(each.entry).position != part.acts[-1])
    assert len(records) == len(proof.records) - 1
    return replace(proof, offices=(replace(part, acts=part.acts[:-1]),), records=records)


def twice(proof: ProofFile) -> ProofFile:
    """Show the same acts twice."""
    return replace(proof, offices=proof.offices * 2)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (without_part, Verdict.TAMPERED),
        (acts(lambda all_of_them: all_of_them[1:]), Verdict.TAMPERED),
        (acts(lambda all_of_them: all_of_them[:-1]), Verdict.TAMPERED),
        (acts(lambda all_of_them: (*all_of_them[1:], all_of_them[0])), Verdict.TAMPERED),
        (acts(lambda all_of_them: (*all_of_them, all_of_them[-1] + 3)), Verdict.TAMPERED),
        (without_act, Verdict.TAMPERED),
        (twice, Verdict.TAMPERED),
        (changed(number=1), Verdict.TAMPERED),
        (changed(acts=()), Verdict.TAMPERED),
    ],
)
def test_no_act_can_be_left_out(change: Callable[[ProofFile], ProofFile], verdict: Verdict) -> None:
    """Whatever of an office's acts is taken away, moved or shown twice, the proof is refused."""
    report = check(change(prove(released(opened, "first officer"))), T0 + 120_000)
    assert report.verdict is verdict, report.detail


def test_acts_that_nothing_needs_are_refused() -> None:
    """An office none of whose officers signed has no place in a file."""
    corridor = released(opened, "customs-be")
    maker = ProofMaker(corridor)
    proof = maker.proof(corridor.id["import"])
    assert proof.offices == ()
    other = released(opened, "first officer")
    part = ProofMaker(other).proof(other.id["import"]).offices[0]
    assert check(replace(proof, offices=(part,)), T0 + 120_000).verdict is Verdict.TAMPERED
