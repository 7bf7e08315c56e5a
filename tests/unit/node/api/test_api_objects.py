"""Objects and their histories over HTTP: pages that replay to the proven head."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hanse_ledger.kinds.history import NO_HISTORY, History
from hanse_ledger.kinds.object import created_id
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.proofs.subjects import read_aspects
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.verdict import Verdict
from hanse_node.base.bounds import PAGE_RECORDS
from hanse_node.queries.chains import STEP, Chains
from tests.world.front import Front, front
from tests.world.node_ledger import PARTIES, enrol, invoice, key_of, party, public

SELLER = party("seller").hex()
ISSUED = 30


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which a seller has issued thirty invoices to a buyer."""
    with front(tmp_path / "node") as running:
        running.must_stand(PARTIES)
        running.must_stand([invoice(number) for number in range(ISSUED)])
        yield running


def proven_head(node: Front, page: dict[str, Any]) -> History:
    """Verify the status proof of a page, and give the history that it shows."""
    proof = msgspec.convert(page["proof"], ProofFile)
    data = write_proof(proof)
    report = check_proof(data, read_trust(node.get("/v1/trust").content), node.store.head.time)
    assert report.verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS), report.detail
    assert [each.id.hex() for each in proof.objects] == [page["id"]]
    found = read_aspects(proof.objects[0].aspects).aspects["history"]
    assert isinstance(found, History)
    return found


def replayed(page: dict[str, Any]) -> History:
    """Replay a page's records from its earlier head."""
    chain = History(count=page["earlier"]["count"], head=bytes.fromhex(page["earlier"]["head"]))
    for record in reversed(page["records"]):
        assert record["sequence"] == chain.count
        chain = chain.after(bytes.fromhex(record["id"]))
    return chain


@pytest.mark.parametrize("limit", [1, 7, 31, 50, 200])
def test_pages_replay_to_the_proven_head(node: Front, limit: int) -> None:
    """Page after page leads from the proven head to the beginning, and no record is missing or out of place."""
    listed: list[dict[str, Any]] = []
    above, before = None, ""
    while True:
        page = node.get(f"/v1/parties/{SELLER}/records?limit={limit}{before}").json()
        top = History(count=page["count"], head=bytes.fromhex(page["head"]))
        assert replayed(page) == top
        assert top == (proven_head(node, page) if above is None else above)
        listed += page["records"]
        above = History(count=page["earlier"]["count"], head=bytes.fromhex(page["earlier"]["head"]))
        if above.count == 0:
            break
        before = f"&before={page['records'][-1]['sequence']}"
    assert above == NO_HISTORY
    expected = [enrol("seller"), *(invoice(number) for number in range(ISSUED))]
    assert [each["id"] for each in listed] == [signed.id.hex() for signed in reversed(expected)]
    assert [each["kind"] for each in listed] == ["invoice.issue"] * ISSUED + ["party.enrol"]
    assert all(node.get(f"/v1/records/{each['id']}").json()["position"] == each["position"] for each in listed[:3])


def test_a_page_behind_the_beginning_is_empty(node: Front) -> None:
    """Before the first record there is nothing, and the page says so."""
    page = node.get(f"/v1/parties/{SELLER}/records?before=0").json()
    assert (page["records"], page["count"], page["earlier"]["count"]) == ([], 0, 0)
    assert page["head"] == page["earlier"]["head"] == NO_HISTORY.head.hex()


def test_every_kind_has_its_list(node: Front) -> None:
    """The list of an invoice begins with its issue; the party's list is also found among the objects."""
    name = created_id(invoice(3).id).hex()
    page = node.get(f"/v1/objects/invoice/{name}/records").json()
    assert [each["id"] for each in page["records"]] == [invoice(3).id.hex()]
    same = node.get(f"/v1/objects/party/{SELLER}/records").json()
    assert same == node.get(f"/v1/parties/{SELLER}/records").json()


def test_an_object_is_shown_as_it_stands(node: Front) -> None:
    """An object comes with its number, its aspects by name, and as of when; bytes are hexadecimal."""
    view = node.get(f"/v1/objects/party/{SELLER}").json()
    head = node.store.head
    assert (view["id"], view["kind"], view["number"]) == (SELLER, "party", 0)
    assert view["as_of"] == {"size": head.size, "height": head.height, "time": head.time}
    assert sorted(view["value"]) == ["history", "key", "links", "status"]
    assert view["value"]["key"]["key"] == public(key_of("seller")).hex()
    assert view["value"]["links"] == {"member": "market", "repair": None}
    assert view["value"]["history"]["count"] == ISSUED + 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/objects/invoice/{SELLER}", 404),
        (f"/v1/objects/ship/{SELLER}", 404),
        (f"/v1/objects/party/{'0' * 64}", 404),
        (f"/v1/objects/invoice/{SELLER}/records", 404),
        (f"/v1/parties/{'0' * 64}/records", 404),
        (f"/v1/parties/{SELLER}/records?limit=0", 400),
        (f"/v1/parties/{SELLER}/records?limit={PAGE_RECORDS + 1}", 400),
        (f"/v1/parties/{SELLER}/records?before=-1", 400),
        (f"/v1/parties/{SELLER}/records?before={2**63}", 400),
        ("/v1/parties/x/records", 400),
    ],
)
def test_wrong_questions_are_refused(node: Front, path: str, status: int) -> None:
    """An object of another kind, an unknown one and a bound that is passed are problems."""
    answer = node.get(path)
    assert answer.status_code == status
    assert answer.json()["code"] == ("not-found" if status == 404 else "malformed")


def test_remembered_heads_are_the_replayed_ones(tmp_path: Path) -> None:
    """Heads are the same whether they are replayed from the beginning or from one that was met before."""
    with front(tmp_path / "node") as node:
        node.must_stand(PARTIES)
        issued = [invoice(number) for number in range(2 * STEP + 10)]
        node.must_stand(issued)
        chain, wanted = NO_HISTORY, {0: NO_HISTORY}
        for signed in [enrol("seller"), *issued]:
            chain = chain.after(signed.id)
            wanted[chain.count] = chain
        known = Chains()
        places = [2 * STEP + 3, STEP - 1, STEP, STEP + 1, 0, 1, 2 * STEP, 2 * STEP + 11]
        with node.store.reading() as reads:
            assert [known.at(reads, 0, place) for place in places] == [wanted[place] for place in places]
            assert [Chains().at(reads, 0, place) for place in places] == [wanted[place] for place in places]


def test_raw_bytes_do_not_leave_as_base64(node: Front) -> None:
    """Outside proof files and envelopes no bytes are shown as base64."""
    text = node.get(f"/v1/objects/party/{SELLER}").text
    assert b64encode(public(key_of("seller"))).decode() not in text
