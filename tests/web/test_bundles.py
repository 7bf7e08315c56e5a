"""What bundles touch: the page says of it what Python says."""

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust
from tests.unit.ledger.proofs.bundles.test_proof_bundles import AGAIN, DELIVERED, TWICE, prove
from tests.web.asked import flat, report_asked
from tests.web.calls.recorded import Call
from tests.web.comparing import differences
from tests.web.engines import Engine
from tests.world.corridor import Corridor

CASES = [(DELIVERED, "title"), (AGAIN, "other"), (AGAIN, "pledge"), (TWICE, "first"), (TWICE, "second")]


@pytest.mark.parametrize(("corridor", "subject"), CASES)
def test_reports_of_what_bundles_touch_are_the_same(node_engine: Engine, corridor: Corridor, subject: str) -> None:
    """Steps are judged one after the other, and ids follow from record and step; where one is withheld it is missed."""
    trusted, proof, at = corridor.trust, prove(corridor, subject), corridor.head.time
    files = [write_proof(proof), write_proof(replace(proof, records=proof.records[:-1]))]
    calls = [Call(report_asked(data, trusted, at), flat(check_proof(data, read_trust(trusted), at))) for data in files]
    assert [call.answer["verdict"] for call in calls][1] == "tampered"
    assert differences(node_engine, calls) == (len(calls), [])
