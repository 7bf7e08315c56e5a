"""Others fill an object's history: it is proven as before, by a file of bounded size, in a bounded time."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_ledger.kinds.declaration.bodies import CertificateUse, DeclarationLine, LodgeDeclaration, Regime
from hanse_ledger.kinds.object import created_id
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, read_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values import limits
from hanse_ledger.values.verdict import Verdict
from tests.unit.node.api.test_api_proofs import LATER, records_of
from tests.world.corridor import Corridor, sign, traders
from tests.world.corridor_genesis import GENESIS, seed_of
from tests.world.front import Front, front

pytestmark = pytest.mark.slow

FILLED = 4_200
"""More than a proof may hold."""

SECONDS = 10.0
"""Loosely: a proof is made in about a second."""


def declaration(corridor: Corridor, number: int, *invoices: bytes) -> Signed:
    """Sign an import of one unit by the buyer, on the seller's certificate."""
    body = corridor.make.declaration(Regime.IMPORT, 1)
    (line,) = body.lines
    assert line.certificate is not None
    use = CertificateUse(certificate=corridor.id["certificate"], line=1)
    lodged = LodgeDeclaration(
        consignment=None,
        customs=body.customs,
        declarant=corridor.id["buyer"],
        invoices=tuple(sorted(invoices)) or body.invoices,
        lines=(
            DeclarationLine(
                certificate=use,
                hs_code=line.hs_code,
                origin=line.origin,
                quantity_micro=1,
                source=None,
                unit=line.unit,
            ),
        ),
        low_value=None,
        principal=None,
        regime=Regime.IMPORT,
    )
    return sign(lodged, "buyer", at=corridor.next_time(), nonce=f"filling {number}")


@pytest.fixture
def corridor() -> Corridor:
    """An invoice, which its buyer has accepted, and a certificate for the same goods."""
    made = traders()
    made.issue_invoice()
    made.accept_invoice()
    made.issue_certificate()
    return made


@pytest.fixture
def node(corridor: Corridor, tmp_path: Path) -> Iterator[Front]:
    """A node that holds all of it."""
    seeds = (seed_of("operator log"), seed_of("operator cosigner"))
    with front(tmp_path / "node", GENESIS, seeds=seeds, cosigner="operator", clock=lambda: LATER) as started:
        started.must_stand(records_of(corridor))
        yield started


def fetch(node: Front, name: bytes) -> tuple[ProofFile, Report, int]:
    """Fetch a full proof and check it; give also its size."""
    begun = time.perf_counter()
    answer = node.get(f"/v1/proof?object={name.hex()}")
    assert answer.status_code == 200, answer.text
    report = check_proof(answer.content, read_trust(node.get("/v1/trust").content), LATER)
    assert time.perf_counter() - begun < SECONDS
    return read_proof(answer.content), report, len(answer.content)


def test_a_filled_history_is_proven_all_the_same(corridor: Corridor, node: Front) -> None:
    """Thousands of declarations on a certificate and an invoice leave both provable, with what their makers signed."""
    _, before, small = fetch(node, corridor.id["certificate"])
    assert before.verdict is Verdict.VALID
    for begin in range(0, FILLED, 700):
        node.must_stand([declaration(corridor, number) for number in range(begin, begin + 700)])
    for name, kinds in (("certificate", {"certificate.issue"}), ("invoice", {"invoice.issue", "invoice.accept"})):
        proof, report, size = fetch(node, corridor.id[name])
        assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
        assert report.subjects[0].state == ("live" if name == "certificate" else "accepted")
        assert kinds <= {act.kind for act in report.acts}
        assert proof.objects[0].mark is not None
        assert len(proof.records) < 2 * limits.WAY_MARK
        assert size < small + 2 * limits.WAY_MARK * 4_096


def test_a_mark_that_too_much_follows_gives_way_to_the_present(corridor: Corridor, node: Front) -> None:
    """Where the last records alone name more than a proof holds, it begins at the head, and still says who made it."""
    at = corridor.next_time()
    invoices = [sign(corridor.make.invoice(n), "seller", at=at, nonce=f"i {n}") for n in range(9, 5_000)]
    for begin in range(0, len(invoices), 1_000):
        node.must_stand(invoices[begin : begin + 1_000])
    names = [created_id(signed.id) for signed in invoices]
    node.must_stand([declaration(corridor, begin, *names[begin : begin + 32]) for begin in range(0, len(names), 32)])
    proof, report, _ = fetch(node, corridor.id["certificate"])
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    (shown,) = proof.objects
    assert shown.mark is not None
    assert shown.history == ()
    assert {act.kind for act in report.acts} == {"certificate.issue", "party.enrol"}
