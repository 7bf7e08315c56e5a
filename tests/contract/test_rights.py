"""Who may read what: every path, every kind of object, every role, own and foreign objects, against one table.

The table stands here by hand: whose each object of a whole trade is. Which objects a record touches says the ledger
itself. On both databases, and of both engines.
"""

from collections.abc import Mapping

import pytest

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_node.access.caller import ITSELF
from hanse_node.queries.gathering import NotFound
from tests.world.asking.signing import signed
from tests.world.corridor_genesis import LEDGER, key_of
from tests.world.trade.whole import (
    NOW,
    OBJECT_PATHS,
    PARTIES,
    SEE_ALL,
    WHOSE,
    Trade,
    absent,
    ask,
    caller_of,
    kind_named,
    sees_record,
    sight_of,
)


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
    f"/v1/payloads/{'0' * 64}": {"nobody": 401, "party": 404, "member": 404, "reader": 403, "keeper": 404},
    f"/v1/payloads/{'0' * 64}/delivery": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/v1/proposals": {"nobody": 401, "party": 403, "member": 200, "reader": 200},
    "/v1/members/customs-be/office": {"nobody": 401, "party": 200, "member": 200, "reader": 200},
    "/v1/members/nobody/office": {"nobody": 401, "party": 404, "member": 404, "reader": 404},
    "/v1/reads": {"nobody": 401, "party": 200, "member": 200, "reader": 403},
    "/metrics": {"nobody": 401, "party": 403, "member": 403, "reader": 403},
}
"""Paths that are about no object of anybody's, and how each role is answered."""

ROLES = {
    "nobody": "nobody",
    "outsider": "party",
    "customs-be": "member",
    "officer": "member",
    "reader": "reader",
    "keeper": "keeper",
}


@pytest.mark.parametrize("who", ROLES)
def test_what_is_nobodys_is_open_by_role(trade: Trade, who: str) -> None:
    """What is public, what is members', what is the operator's."""
    for path, statuses in OTHER_PATHS.items():
        if ROLES[who] in statuses:
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
