"""An attestation: who looked at what of a party, on which day; its terms are shown one by one."""

from collections.abc import Iterator

import pytest

from hanse_client.base.identifiers import Id
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.values.verdict import Verdict
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import TERMS, World
from tests.world.typed.desk import make_node_here, node_here

SOUND = {Verdict.VALID, Verdict.VALID_WITH_WARNINGS}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


def test_an_attestation_takes_no_other_opening_away(world: World) -> None:
    """Each has one of its own, by its record, and the party's identity keeps its: all are shown in one proof."""
    with world.client("market") as market:
        records = [
            market.parties.attest(
                world.buyer_id, examiner=desk, day="2026-11-03", documents=["register extract"], terms=["name", "lei"]
            ).record_id
            for desk in ("Desk 4", "Desk 5")
        ]
        assert market.parties.opening(world.buyer_id).terms == TERMS
        shown_of_each = ["examined", "examiner", "documents/1", "terms/2"]
        disclosed: dict[Id, list[str]] = {**dict.fromkeys(records, shown_of_each), world.buyer_id: ["lei"]}
        report = market.verify(market.proof(world.buyer_id, disclose=disclosed))
    assert report.verdict in SOUND, report.detail
    shown = {(bytes(term.record), term.name): term.value for term in report.terms}
    for record, desk in zip(records, ("Desk 4", "Desk 5"), strict=True):
        said = {name: shown[bytes(record), name] for name in shown_of_each}
        assert said == {
            "examined": "2026-11-03",
            "examiner": desk,
            "documents/1": "register extract",
            "terms/2": "lei",
        }
    assert TERMS["lei"] in shown.values()


def test_what_is_not_shown_of_an_attestation_is_not_told(world: World) -> None:
    """The day alone: who looked, and at what, stands nowhere in the file."""
    with world.client("market") as market:
        record = market.parties.attest(
            world.seller_id, examiner="Desk 9", day="2026-11-03", documents=["extract HRB 4711"], terms=["name"]
        ).record_id
        data = market.proof(world.seller_id, disclose={record: ["examined"]})
        report = market.verify(data)
    assert [(term.name, term.value) for term in report.terms] == [("examined", "2026-11-03")]
    leaves = b"".join(leaf.leaf for part in read_proof(data).terms for leaf in part.shown.leaves)
    assert b"2026-11-03" in leaves
    assert b"Desk 9" not in leaves
    assert b"HRB 4711" not in leaves
