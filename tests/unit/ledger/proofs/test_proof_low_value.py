"""Proofs of low-value imports: the verifier holds each to the limit of its day itself, by the acts of the office."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration import lodging
from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.declarations.test_rules_low_value import EUROS, opened, parcel, setting, taking, worth
from tests.unit.ledger.kinds.declarations.test_rules_sources import BOTH
from tests.world.corridor import Corridor


def lodged(corridor: Corridor, amount_minor: int = 15_000) -> Corridor:
    """Have a parcel declared, and released."""
    corridor.submit(parcel(corridor, worth(amount_minor)), *BOTH, name="import")
    corridor.submit(corridor.make.release(), "customs-be")
    return corridor


def prove(corridor: Corridor, name: str = "import") -> ProofFile:
    """Prove it, or another."""
    return ProofMaker(corridor).proof(corridor.id[name])


@contextmanager
def played_false(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let everybody who replays take whatever is declared, as colluding cosigners would."""
    with monkeypatch.context() as patched:
        patched.setattr(lodging, "require_low_value", lambda *_: None)
        yield


@pytest.mark.parametrize("name", ["import", "invoice", "buyer"])
def test_a_low_value_import_is_proven(name: str) -> None:
    """With the acts that set the limit, wherever its record stands: also where another limit came later."""
    corridor = lodged(taking(EUROS))
    corridor.submit(setting(corridor), "customs-be")
    proof = prove(corridor, name)
    report = check(proof, corridor.head.time)
    assert report.verdict in GOOD, report.detail
    assert [part.id for part in proof.offices] == [corridor.id["office"]]
    assert len(proof.offices[0].acts) == 3


@pytest.mark.parametrize("made", [lambda: taking(EUROS), opened])
def test_colluding_cosigners_raise_no_limit(monkeypatch: pytest.MonkeyPatch, made: type[Corridor]) -> None:
    """What is worth more, or was taken where nothing is, is tampered, though everybody who vouches has taken it."""
    with played_false(monkeypatch):
        corridor = lodged(made(), 15_001)
    report = check(prove(corridor), corridor.head.time)
    assert report.verdict is Verdict.TAMPERED
    assert "C-1" in report.detail


def test_no_act_can_be_left_out() -> None:
    """Without the office, or with a limit of which a later act is withheld, the proof is refused."""
    corridor = taking(EUROS)
    corridor.submit(setting(corridor, replace(EUROS, at_most_minor=20_000)), "customs-be")
    proof = prove(lodged(corridor, 20_000))
    assert check(proof, corridor.head.time).verdict in GOOD
    (part,) = proof.offices
    assert check(replace(proof, offices=()), corridor.head.time).verdict is Verdict.TAMPERED
    kept = tuple(each for each in proof.records if decode_entry(each.entry).position != part.acts[-1])
    short = replace(proof, offices=(replace(part, acts=part.acts[:-1]),), records=kept)
    assert check(short, corridor.head.time).verdict is Verdict.TAMPERED


def test_acts_that_nothing_needs_are_refused() -> None:
    """Another import of the same office, under a certificate, has no place for them."""
    corridor = lodged(taking(EUROS))
    part = prove(corridor).offices[0]
    corridor.lodge_import()
    plain = prove(corridor)
    assert plain.offices == ()
    assert check(replace(plain, offices=(part,)), corridor.head.time).verdict is Verdict.TAMPERED
