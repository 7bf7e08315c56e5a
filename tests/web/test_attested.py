"""What the page says of attestations: the very sentences that Python says, in every language."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from hanse_client.base.clock import now_ms
from hanse_client.base.identifiers import Id
from hanse_client.resources.sharing.lookedat import LookedAt
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.trustfile import write_trust
from hanse_words import ENGLISH, LANGUAGES, catalogue_of
from tests.web.asked import flat, report_asked
from tests.web.calls.recorded import Call
from tests.web.comparing import differences
from tests.web.engines import Engine
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder: Path = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


def test_the_page_says_of_attestations_what_python_says(world: World, node_engine: Engine) -> None:
    """Shown whole, in part, not at all, and an identity for which nobody is shown to have looked."""
    looked_at = LookedAt(
        documents=("articles of association", "a page"),
        lei="000000QINGWANKILN189",
        register_extract=b"extract",
        register="1",
        register_name="Hangzhou",
        register_dated="2026-11-01",
    )
    with world.client("market") as market:
        record = market.parties.attest(
            world.buyer_id, examiner="Desk 4", day="2026-11-03", terms=["name"], looked_at=looked_at
        ).record_id
        whole = ["examined", "examiner", "documents/2", "lei", "register_extract", "vlei", "terms/1"]
        shown: Sequence[Mapping[Id, Sequence[str]]] = (
            {record: whole, world.buyer_id: ["name", "lei", "vat"]},
            {record: ["examined"]},
            {world.buyer_id: ["lei"]},
            {},
        )
        proofs = [market.proof(world.buyer_id, disclose=each) for each in shown]
    trust, at = world.corridor.trust, now_ms()
    trusted = write_trust(trust.genesis)
    reports = [check_proof(data, trust, at) for data in proofs]
    assert [any("was said to be name" in text for text in each.established) for each in reports] == [True, *[False] * 3]
    calls = [Call(report_asked(data, trusted, at), flat(report)) for data, report in zip(proofs, reports, strict=True)]
    assert differences(node_engine, calls) == (4, [])


def test_every_language_says_all_of_it() -> None:
    """No translation leaves out who, whom, when or what."""
    for language in (each for each in LANGUAGES if each != ENGLISH):
        words = catalogue_of(language)["proven.attested"]
        assert all(words.count(place) == 1 for place in ("{object}", "{identity}", "{names}", "{moment}", "{seen}"))
