"""Lists over HTTP: by state, whose they are, time, and what they are found by; in pages, as of the published head."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, structs

from hanse_ledger.kinds import OBJECTS, type_of
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.objects import encode_object
from hanse_node.store.index import lists
from hanse_node.store.index.lists import EVERYBODY, Wanted, list_of, listed
from hanse_node.store.index.objects import object_
from hanse_node.store.texts import Run
from tests.world.corridor import story
from tests.world.front import Front, front
from tests.world.node_ledger import HOUR, PARTIES, START, declare, digest, invoice, of_everything, party, pay, shipment

COUNT = 20
CASES = 100_000
SELLER = party("seller").hex()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which twenty invoices stand, with two declarations and two payments."""
    with front(tmp_path / "node") as running:
        running.must_stand([*PARTIES, *of_everything(range(COUNT))])
        yield running


def ids(node: Front, query: str) -> list[str]:
    """Ask for a list, and give its ids."""
    answer = node.get(f"/v1/lists/{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["complete"] == "a node's word"
    return [each["id"] for each in answer.json()["objects"]]


def pages(node: Front, query: str) -> list[str]:
    """Walk over the pages of a list, and give all its ids."""
    found: list[str] = []
    before = ""
    while True:
        page: dict[str, Any] = node.get(f"/v1/lists/{query}{before}").json()
        found += [each["id"] for each in page["objects"]]
        if page["following"] is None:
            return found
        before = f"&before={page['following']}"


def test_pages_lead_through_a_list(node: Front) -> None:
    """Newest first, each once, whatever the pages' size; of everybody, of a party, of two."""
    newest = [created_id(invoice(number, tagged=True).id).hex() for number in reversed(range(COUNT))]
    for limit in (1, 7, 20, 50):
        assert pages(node, f"invoice?limit={limit}") == newest
        assert pages(node, f"invoice?limit={limit}&whose={SELLER}&state=issued&other={party('buyer').hex()}") == newest
    assert ids(node, "invoice?state=accepted") == []
    assert ids(node, f"invoice?whose={SELLER}&other=market") == []
    declared = [created_id(declare(number).id).hex() for number in (10, 0)]
    assert ids(node, "declaration?whose=market&open=true") == declared
    assert ids(node, "declaration?open=false") == []


def test_a_time_is_when_it_was_created(node: Front) -> None:
    """Of what one block has created all or nothing; block time stands still here."""
    at = START + HOUR
    assert len(ids(node, f"invoice?since={at}")) == COUNT
    assert ids(node, f"invoice?since={at + 1}") == ids(node, f"invoice?until={at}") == []
    assert len(ids(node, f"invoice?until={at + 1}&since={START}")) == COUNT


def test_a_payment_is_found_by_its_uetr(node: Front) -> None:
    """And by nothing else; what is found by no such thing is not found."""
    by = "payment/by/payment_of_uetr/00000000-0000-4000-8000-"
    assert ids(node, f"{by}000000000010") == [created_id(pay(10).id).hex()]
    assert ids(node, f"{by}000000000011") == []
    assert node.get("/v1/lists/payment/by/shipment_of_invoice/x").status_code == 404


def test_a_file_is_found_by_its_hash(node: Front) -> None:
    """Each record that shows it, the oldest first, in pages; of what no record shows the list is empty."""
    shown = shipment(0)
    for path, names in ((digest("bytes", 0), [shown.id.hex()]), (digest("file", 0), [])):
        answer = node.get(f"/v1/documents/{path.hex()}").json()
        assert [each["id"] for each in answer["records"]] == names
        assert (answer["complete"], answer["following"]) == ("a node's word", None)
    page = node.get(f"/v1/documents/{digest('bytes', 0).hex()}?limit=1").json()
    assert page["following"] == page["records"][0]["position"] + 1
    rest = node.get(f"/v1/documents/{digest('bytes', 0).hex()}?after={page['following']}").json()
    assert rest["records"] == []
    assert node.get("/v1/documents/waybill").status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [("ship", 404), ("invoice?state=paid", 400), ("invoice?limit=0", 400), ("invoice?since=-1", 400)],
)
def test_what_is_no_list_is_refused(node: Front, query: str, status: int) -> None:
    """With a problem."""
    assert node.get(f"/v1/lists/{query}").status_code == status


def test_a_page_costs_the_same_however_long_the_list(node: Front) -> None:
    """One statement a state, and no more rows than the page has: of a hundred thousand open cases too."""
    wanted = Wanted("declaration", b"market", ("lodged",), None, 0, 2**40)
    said: list[str] = []
    name = list_of("declaration", (b"market",), "lodged")
    stand_in_lists(node, dict.fromkeys(range(1000, 1000 + CASES), (name,)))
    with node.store.reading() as reads:
        driver: Any = reads._driver
        driver.set_trace_callback(said.append)
        page = reads.listed(wanted, limit=50)
        driver.set_trace_callback(None)
    assert [row.number for row in page] == list(range(1_000 + CASES - 1, 1_000 + CASES - 51, -1))
    assert len(said) == 1
    assert "LIMIT 50" in said[0]


def test_a_page_of_two_costs_the_same_whatever_each_has(node: Front) -> None:
    """One statement a state, and no more rows than the page has: also where two have a thousand each, and share none.

    What is counted are the rows that the database gives, which were all that one of them has.
    """
    trader, stranger = party("seller"), party("a stranger")
    first, shared = created_id(declare(0).id), created_id(declare(10).id)
    for begin, whose in ((1_000, trader), (3_000, stranger)):
        name = list_of("declaration", (whose,), "lodged")
        stand_in_lists(node, dict.fromkeys(range(begin, begin + 1500), (name,)))
    for other, found in ((stranger, []), (b"market", [shared, first])):
        wanted = Wanted("declaration", trader, ("lodged", "cleared"), other, 0, 2**40)
        given: list[int] = []
        with node.store.reading() as reads:
            page = lists.find(counting(reads._run, given), reads._statements.lists, wanted, 50, {})
        assert [row.object_id for row in page] == found
        assert given == [len(found), 0]


def stand_in_lists(node: Front, rows: Mapping[int, Iterable[bytes]]) -> None:
    """Have a declaration stand under more numbers, and each of them in lists."""
    with node.store.reading() as reads:
        numbered = reads.object(created_id(declare(0).id))
    assert numbered is not None
    data = encode_object(numbered[1])
    with node.store.beside(1) as connection:
        connection.execute(object_.insert(), [{"number": number, "data": data, "leaf": bytes(32)} for number in rows])
        lists_of = [{"list": name, "number": number} for number, names in rows.items() for name in names]
        connection.execute(listed.insert(), lists_of)


def counting(run: Run, given: list[int]) -> Run:
    """Have counted how many rows each statement gives."""

    def counted(text: str, parameters: Sequence[object]) -> list[Any]:
        rows = run(text, parameters)
        given.append(len(rows))
        return rows

    return counted


def _states(part: type) -> list[str]:
    """List the states that a part of an object may name."""
    fields = structs.fields(part) if issubclass(part, Struct) else ()
    kinds = [field.type for field in fields if field.name == "state"]
    return [state for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum) for state in kind]


def test_every_state_is_open_or_has_ended() -> None:
    """Of every object of a whole trade, after each block; no state is both, and nobody's name is everybody's."""
    assert all(not row.listed.open & row.listed.ended for row in OBJECTS)
    for row in OBJECTS:
        parts = [field.type for field in structs.fields(row.state) if isinstance(field.type, type)]
        assert row.listed.open | row.listed.ended >= {state for part in parts for state in _states(part)}, row.name
    for value in (row.value for block in story().blocks for row in block.objects):
        row = type_of(value)
        assert row.listed.state(value) in row.listed.open | row.listed.ended, row.name
        assert EVERYBODY not in row.listed.of_whom(value)
        assert all(len(name) <= 32 for name in row.listed.of_whom(value))
