"""Who may read what: every path, every kind of object, every role, own and foreign objects, against one table.

The table stands here by hand: whose each object of a whole trade is. Which objects a record touches says the ledger
itself. On both databases; which engine wrote them makes no difference to what is read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import URL

from hanse_ledger.kinds import OBJECTS, type_of
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.codec import encode
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.api.access import Access
from hanse_node.queries.gathering import NotFound
from hanse_node.signing.tokens import Scope
from tests.conftest import postgres_database
from tests.world.asking.signing import signed
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, GENESIS, LEDGER, T0, key_of, public, seed_of
from tests.world.front import BATCH, Front, front
from tests.world.tokens import book_of, token_of
from tests.world.trade.everykind import whole_trade

NOW = T0 + DAY // 2

WHOSE: Mapping[str, frozenset[str]] = {
    name: frozenset(parties.split())
    for name, parties in {
        "mandate": "buyer agent",
        "consignment": "seller",
        "invoice": "seller buyer",
        "certificate": "seller buyer",
        "export": "seller",
        "import": "buyer agent",
        "shipment": "seller buyer carrier",
        "title": "seller carrier",
        "document's invoice": "seller buyer",
        "document": "seller",
        "second": "seller buyer",
        "pledge": "seller",
        "payment": "seller buyer",
        "order": "seller buyer",
        "office": "",
        "seller": "seller",
        "buyer": "buyer",
        "agent": "agent",
        "carrier": "carrier",
        "outsider": "outsider",
    }.items()
}
"""The table: which parties see the whole of an object."""

BEHIND = {"export": ("invoice", "certificate"), "import": ("invoice", "certificate"), "payment": ("invoice",)}
"""What stands behind what is decided: its parties hear of that too."""

PARTIES = ("seller", "buyer", "agent", "carrier", "outsider")
SEE_ALL = ("customs-be", "officer", "reader")
"""A member by its key, an officer by its, and whoever bears a token that reads."""


class Trade(NamedTuple):
    """A node that holds a whole trade."""

    node: Front
    corridor: Corridor
    records: tuple[Signed, ...]
    touched: tuple[frozenset[ObjectId], ...]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def trade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """Run a node that asks who reads, on each database: one for all tests, which read and change nothing."""
    tmp_path = tmp_path_factory.mktemp("rights")
    if request.param == "sqlite":
        with traded(tmp_path, URL.create("sqlite", database=str(tmp_path / "ledger.db"))) as made:
            yield made
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url, traded(tmp_path, url) as made:
        yield made


@contextmanager
def traded(tmp_path: Path, url: URL) -> Iterator[Trade]:
    """Run a node on a database that holds a whole trade."""
    corridor = whole_trade()
    rows = [row for block in corridor.blocks for row in block.entries if row.record is not None]
    entries = [decode_entry(row.data) for row in rows]
    records = tuple(open_decoded(entry.payload) for entry in entries if isinstance(entry, RecordEntry))
    book = book_of(
        tmp_path / "tokens",
        token_of("everything", "all"),
        token_of("reads", "reader", [Scope.READ]),
    )
    with front(
        tmp_path / "node",
        GENESIS,
        seeds=(seed_of("operator log"), seed_of("operator cosigner")),
        cosigner="operator",
        clock=lambda: NOW,
        access=Access(book),
        database=url.render_as_string(hide_password=False),
    ) as node:
        for each in records:
            data = b"\x91" + b"\xc5" + len(encode(each.envelope)).to_bytes(2, "big") + encode(each.envelope)
            answer = node.post(data, BATCH, headers={"authorization": "Bearer everything"})
            assert answer.json()["results"][0]["outcome"] == "created", answer.text
        yield Trade(node, corridor, records, tuple(frozenset(row.touched) for row in rows))


def ask(trade: Trade, who: str, target: str) -> tuple[int, Any]:
    """Ask as somebody; give the status, and what was answered without the request's own id."""
    if who == "nobody":
        fields = {}
    elif who == "reader":
        fields = {"authorization": "Bearer reads"}
    else:
        fields = signed(key_of(who), target, ledger=LEDGER, created=NOW // 1_000)
    answer = trade.node.get(target, fields)
    if answer.headers["content-type"].endswith("json"):
        body = answer.json()
        if isinstance(body, dict):
            body.pop("request_id", None)
        return answer.status_code, body
    return answer.status_code, answer.content


def caller_of(trade: Trade, who: str) -> Caller:
    """Give a caller as the node knows him."""
    if who == "reader":
        return Caller(CallerKind.TOKEN, "reader")
    return trade.node.service.keyowners.who(ITSELF, public(who))


def kind_named(trade: Trade, name: str) -> str:
    """Give the kind of an object of the trade."""
    value = trade.corridor.ledger.object(trade.corridor.id[name])
    assert value is not None
    return type_of(value).name


def sees_record(trade: Trade, who: str, place: int) -> bool:
    """Say by the table whether somebody sees a record."""
    record, own = trade.records[place].record, trade.corridor.id
    if who in SEE_ALL or record.kind.startswith("office."):
        return True
    mine = {own[name] for name, parties in WHOSE.items() if who in parties}
    concerned = set(trade.touched[place])
    for decided, behind in BEHIND.items():
        if own[decided] in record.refs:
            concerned |= {own[name] for name in behind}
    return public(who) in record.signers or bool(mine & concerned)


def absent(trade: Trade, who: str, target: str, name: ObjectId) -> tuple[int, Any]:
    """Give what is answered of what does not exist, said of a name."""
    status, body = ask(trade, who, target.replace(name.hex(), "0" * 64))
    body["detail"] = body["detail"].replace("0" * 64, name.hex())
    return status, body


OBJECT_PATHS: Mapping[str, Callable[[str, str], bool]] = {
    "/v1/objects/{kind}/{id}": lambda _kind, sight: sight != "nothing",
    "/v1/objects/{kind}/{id}/records": lambda _kind, sight: sight == "whole",
    "/v1/parties/{id}/records": lambda kind, sight: kind == "party" and sight == "whole",
    "/v1/proof?object={id}": lambda _kind, sight: sight != "nothing",
    "/v1/proof?object={id}&from=mark": lambda _kind, sight: sight != "nothing",
    "/v1/proof?object={id}&view=status": lambda _kind, sight: sight != "nothing",
}
"""Paths about an object, and who gets an answer."""


def sight_of(trade: Trade, who: str, name: str) -> str:
    """Say by the table how much of an object somebody sees."""
    kind = kind_named(trade, name)
    if who in SEE_ALL or who in WHOSE[name] or kind == "office":
        return "whole"
    return "standing" if kind in {"party", "certificate"} else "nothing"


def test_the_table_names_every_object_and_every_kind(trade: Trade) -> None:
    """What stands in the ledger stands in the table; nothing is left out."""
    assert trade.corridor.id.keys() == WHOSE.keys()
    assert {kind_named(trade, name) for name in WHOSE} == {row.name for row in OBJECTS}


@pytest.mark.parametrize("who", [*PARTIES, *SEE_ALL])
def test_each_reads_its_own_and_nothing_more(trade: Trade, who: str) -> None:
    """Every path about an object, and every kind that may be claimed of it; what is hidden is as what is not there."""
    for name in WHOSE:
        kind, object_id, sight = kind_named(trade, name), trade.corridor.id[name], sight_of(trade, who, name)
        for path, opens in OBJECT_PATHS.items():
            target = path.format(kind=kind, id=object_id.hex())
            status, body = ask(trade, who, target)
            if opens(kind, sight):
                assert status == 200, (who, target)
            elif sight == "nothing":
                assert (status, body) == absent(trade, who, target, object_id), (who, target)
            else:
                assert status == 404, (who, target)
        caller = caller_of(trade, who)
        for row in OBJECTS:
            if row.name == kind and sight != "nothing":
                assert trade.node.service.objects.find(caller, kind, object_id)[2].id == object_id
                continue
            with pytest.raises(NotFound) as refused:
                trade.node.service.objects.find(caller, row.name, object_id)
            told = "another kind" in str(refused.value)
            assert told is (sight != "nothing")


@pytest.mark.parametrize("who", [*PARTIES, *SEE_ALL])
def test_each_reads_the_records_that_concern_it(trade: Trade, who: str) -> None:
    """One by one, and as events: exactly those, and the same of both."""
    seen = [sees_record(trade, who, place) for place in range(len(trade.records))]
    for place, each in enumerate(trade.records):
        target = f"/v1/records/{each.id.hex()}"
        status, body = ask(trade, who, target)
        if seen[place]:
            assert status == 200, (who, each.record.kind)
        else:
            assert (status, body) == absent(trade, who, target, each.id), (who, each.record.kind)
            assert ask(trade, who, f"{target}/proof")[0] == 404
    caller, events = caller_of(trade, who), trade.node.service.events
    told = [event.id for event in events.read(ITSELF, 0).events if events.tells(caller, event)]
    assert told == [each.id for each, shown in zip(trade.records, seen, strict=True) if shown]


@pytest.mark.parametrize("who", [*PARTIES, *SEE_ALL])
def test_each_lists_its_own(trade: Trade, who: str) -> None:
    """By kind, of whoever is asked for, and by what is found: no row of another's, and no page that tells of one."""
    own = trade.corridor.id
    for row in OBJECTS:
        of_kind = [name for name in WHOSE if kind_named(trade, name) == row.name]
        for whose in (None, *PARTIES):
            query = "" if whose is None else f"&whose={own[whose].hex()}"
            status, page = ask(trade, who, f"/v1/lists/{row.name}?limit=200{query}")
            assert status == 200
            wanted = {
                own[name].hex()
                for name in of_kind
                if (whose is None or whose in WHOSE[name])
                and (who in SEE_ALL or who in WHOSE[name] or row.name == "office")
            }
            assert {each["id"] for each in page["objects"]} == wanted, (who, row.name, whose)
            assert page["following"] is None
    found = f"/v1/lists/shipment/by/shipment_of_invoice/{own['invoice'].hex()}?limit=1"
    status, page = ask(trade, who, found)
    shown = who in SEE_ALL or who in WHOSE["shipment"]
    assert [each["id"] for each in page["objects"]] == ([own["shipment"].hex()] if shown else [])
    assert shown or page["following"] is None


def test_three_may_be_named_in_a_list(trade: Trade) -> None:
    """Whose list, and who else has it: a party that is neither gets what stands in its own list besides."""
    own = trade.corridor.id
    target = f"/v1/lists/shipment?whose={own['seller'].hex()}&other={own['carrier'].hex()}"
    for who, count in (("buyer", 1), ("carrier", 1), ("agent", 0), ("outsider", 0)):
        assert len(ask(trade, who, target)[1]["objects"]) == count, who


def test_of_another_party_nothing_is_told_but_its_keys(trade: Trade) -> None:
    """A full proof of somebody else has the records that made him what he is, and not what he trades."""
    status, body = ask(trade, "outsider", f"/v1/proof?object={trade.corridor.id['seller'].hex()}")
    assert status == 200
    names = {each.id: each for each in trade.records}
    shown = read_proof(
        trade.node.get(
            f"/v1/proof?object={trade.corridor.id['seller'].hex()}",
            signed(
                key_of("outsider"),
                f"/v1/proof?object={trade.corridor.id['seller'].hex()}",
                ledger=LEDGER,
                created=NOW // 1_000,
            ),
        ).content
    )
    entries = [decode_entry(part.entry) for part in shown.records]
    kinds = [names[open_decoded(entry.payload).id].record.kind for entry in entries if isinstance(entry, RecordEntry)]
    assert kinds == ["party.enrol"]
    assert body


OTHER_PATHS: Mapping[str, Mapping[str, int]] = {
    "/livez": {"nobody": 200, "party": 200, "member": 200, "reader": 200},
    "/readyz": {"nobody": 200, "party": 200, "member": 200, "reader": 200},
    "/log/checkpoint": {"nobody": 200, "party": 200, "member": 200, "reader": 200},
    "/log/tile/0/000.p/1": {"nobody": 200, "party": 200, "member": 200, "reader": 200},
    f"/v1/documents/{'0' * 64}": {"nobody": 200, "party": 200, "member": 200, "reader": 200},
    "/log/tile/entries/000.p/1": {"nobody": 401, "party": 403, "member": 200, "reader": 403},
    "/log/vkey": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/log/policy": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/v1/trust": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/openapi.json": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/v1/proposals": {"nobody": 401, "party": 403, "member": 200, "reader": 200},
    "/v1/members/customs-be/office": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/v1/members/nobody/office": {"nobody": 401, "party": 404, "member": 404, "reader": 404},
    "/v1/reads": {"nobody": 401, "party": 200, "member": 200, "reader": 403},
    "/metrics": {"nobody": 401, "party": 403, "member": 403, "reader": 403},
}
"""Paths that are about no object of anybody's, and how each role is answered."""

ROLES = {"nobody": "nobody", "outsider": "party", "customs-be": "member", "officer": "member", "reader": "reader"}


@pytest.mark.parametrize("who", ROLES)
def test_what_is_nobodys_is_open_by_role(trade: Trade, who: str) -> None:
    """What is public, what is members', what is the operator's."""
    for path, statuses in OTHER_PATHS.items():
        assert ask(trade, who, path)[0] == statuses[ROLES[who]], (who, path)


def test_an_inbox_is_its_members(trade: Trade) -> None:
    """What was addressed to an office parties do not read, whether or not there is such an office."""
    office = trade.corridor.id["office"]
    target = f"/v1/offices/{office.hex()}/inbox"
    for who in PARTIES:
        assert ask(trade, who, target) == absent(trade, who, target, office)
    for who in SEE_ALL:
        assert ask(trade, who, target)[0] == 200


def test_nobody_reads_nothing_of_the_ledger(trade: Trade) -> None:
    """Without a token and without a signature every path about objects and records is closed, own ones or not."""
    for name in ("invoice", "seller", "office"):
        kind, object_id = kind_named(trade, name), trade.corridor.id[name].hex()
        for path in OBJECT_PATHS:
            assert ask(trade, "nobody", path.format(kind=kind, id=object_id))[0] == 401
    assert ask(trade, "nobody", f"/v1/records/{trade.records[0].id.hex()}")[0] == 401
    assert ask(trade, "nobody", "/v1/lists/invoice")[0] == 401
    assert ask(trade, "nobody", "/v1/events")[0] == 401


def test_what_waits_is_told_to_whom_it_waits_for(trade: Trade) -> None:
    """A party asks what waits for itself; of another it hears what it would hear of somebody for whom nothing waits."""
    own = trade.corridor.id
    seen = 0
    for whose in PARTIES:
        target = f"/v1/waiting?who={own[whose].hex()}"
        everything = ask(trade, "reader", target)[1]["objects"]
        seen += len(everything)
        for who in PARTIES:
            status, page = ask(trade, who, target)
            assert status == 200
            assert page["objects"] == (everything if who == whose else [])
            assert who == whose or page["following"] is None
    assert seen
