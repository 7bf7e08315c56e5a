"""What waits for somebody, over HTTP: whose turn it is follows from the kinds' rows; the oldest first, in pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.objects import encode_object
from hanse_node.queries import whoseturn
from hanse_node.store.index.lists import listed, waiting_of
from hanse_node.store.index.objects import object_
from hanse_node.store.index.waiting import ROWS, WantedWaiting
from tests.world.front import Front, front
from tests.world.node_ledger import HOUR, PARTIES, START, declare, invoice, of_everything, party, pay

COUNT = 20
CASES = 100_000
BUYER = party("buyer").hex()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which twenty invoices stand, with two declarations and two payments."""
    with front(tmp_path / "node") as running:
        running.must_stand([*PARTIES, *of_everything(range(COUNT))])
        yield running


def page(node: Front, query: str) -> dict[str, Any]:
    """Ask for a page."""
    answer = node.get(f"/v1/waiting?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["complete"] == "a node's word"
    return found


def ids(node: Front, query: str) -> list[str]:
    """Give the ids of all pages, however many there are."""
    found, after = list[str](), ""
    while True:
        part = page(node, query + after)
        found += [each["id"] for each in part["objects"]]
        if part["following"] is None:
            return found
        after = f"&after={part['following']}"


def test_what_waits_is_listed_for_whom_it_waits(node: Front) -> None:
    """Invoices for their buyer, declarations and payments for the market, which is customs and bank; nobody else."""
    invoices = [created_id(invoice(number, tagged=True).id).hex() for number in range(COUNT)]
    declared, paid = ([created_id(make(number).id).hex() for number in (0, 10)] for make in (declare, pay))
    for limit in (1, 7, 20, 50):
        assert ids(node, f"who={BUYER}&limit={limit}") == invoices
        assert sorted(ids(node, f"who=market&limit={limit}")) == sorted(declared + paid)
    assert ids(node, "who=market&kind=declaration") == ids(node, "who=market&record=declaration.release") == declared
    assert ids(node, "who=market&record=payment.accept&state=instructed") == paid
    assert ids(node, f"who={party('seller').hex()}&kind=invoice") == ids(node, "who=customs") == []
    assert len(ids(node, f"who={party('seller').hex()}&record=shipment.arrive")) == COUNT, "it carries them itself"
    numbers = [each["number"] for each in page(node, "who=market")["objects"]]
    assert numbers == sorted(numbers)


def test_a_case_says_since_when_and_how_much(node: Front) -> None:
    """A declaration leaves to its invoices how much it is about."""
    first = page(node, "who=market&kind=declaration")["objects"][0]
    owed = page(node, f"who={BUYER}&limit=1")["objects"][0]["worth"]
    assert first["waits"] == [{"record": "declaration.release", "since": START + HOUR, "until": None}]
    assert (first["worth"], first["created"], first["state"]) == (owed, START + HOUR, "lodged")
    assert page(node, "who=market&kind=payment")["objects"][0]["worth"] == {
        "minor": 10,
        "currency": "EUR",
        "minor_digits": 2,
    }


def test_what_it_is_worth_and_how_old_it_is_are_filters(node: Front) -> None:
    """From so much to so much of one currency; created then or later, or before."""
    worth = page(node, f"who={BUYER}&limit=1")["objects"][0]["worth"]["minor"]
    assert worth > 10
    market = {each["id"]: each["worth"]["minor"] for each in page(node, "who=market")["objects"]}
    for least, most in ((0, 10), (10, 10), (11, worth), (worth, worth), (worth + 1, worth + 1)):
        found = ids(node, f"who=market&currency=EUR&least={least}&most={most}")
        assert found == [name for name, minor in market.items() if least <= minor <= most]
    assert ids(node, "who=market&currency=USD") == []
    at = START + HOUR
    assert len(ids(node, f"who=market&since={at}&until={at + 1}")) == 4
    assert ids(node, f"who=market&since={at + 1}") == ids(node, f"who=market&until={at}") == []


@pytest.mark.parametrize(
    "query",
    [
        "who=",
        "kind=invoice",
        "who=market&kind=ship",
        "who=market&kind=order",
        "who=market&record=invoice.issue",
        "who=market&kind=invoice&state=paid",
        "who=market&least=5",
        "who=market&currency=euro",
        "who=market&limit=0",
        "who=market&after=-1",
    ],
)
def test_what_is_no_question_is_refused(node: Front, query: str) -> None:
    """With a problem that names what is wrong."""
    answer = node.get(f"/v1/waiting?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"]


def stand_in(node: Front, numbers: range) -> None:
    """Have a declaration wait for the market under more numbers."""
    with node.store.reading() as reads:
        numbered = reads.object(created_id(declare(0).id))
    assert numbered is not None
    data = encode_object(numbered[1])
    name = waiting_of("declaration", b"market", "declaration.release")
    with node.store.beside(1) as connection:
        connection.execute(
            object_.insert(), [{"number": number, "data": data, "leaf": bytes(32)} for number in numbers]
        )
        connection.execute(listed.insert(), [{"list": name, "number": number} for number in numbers])


def test_a_page_costs_the_same_however_much_waits(node: Front) -> None:
    """One statement a list, and no more rows than a page: of a hundred thousand cases too."""
    said: list[str] = []
    stand_in(node, range(1_000, 1_000 + CASES))
    every = tuple((row.name, record) for row in OBJECTS for record in row.listed.waits)
    with node.store.reading() as reads:
        driver: Any = reads._driver
        driver.set_trace_callback(said.append)
        rows = reads.waiting(WantedWaiting(b"market", every, 1_000, 2**40))
        found = [next(rows).number for _ in range(ROWS)]
        driver.set_trace_callback(None)
    assert found == list(range(1_000, 1_000 + ROWS))
    assert len(said) == len(every)
    assert all(f"LIMIT {ROWS}" in each for each in said)


def test_a_page_looks_at_so_many_and_no_more(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where few fit it ends early, and says where the next begins: nobody has it read everything at once."""
    monkeypatch.setattr(whoseturn, "EXAMINED", 10)
    first = page(node, f"who={BUYER}&currency=USD&limit=5")
    assert first["objects"] == []
    assert first["following"] is not None
    assert ids(node, f"who={BUYER}&currency=USD&limit=5") == []
    assert len(ids(node, f"who={BUYER}&currency=EUR&limit=7")) == COUNT
