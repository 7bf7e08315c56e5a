"""What is hidden costs what that costs which is not there; webhooks hear what their owners read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import decode_object
from hanse_node.access.caller import ITSELF
from hanse_node.signing.tokens import Scope
from hanse_node.store.index import objects
from hanse_node.store.reads import Reads
from hanse_node.webhooks.owners import Owners, party_owner
from tests.world.asking.signing import signed
from tests.world.corridor_genesis import LEDGER, key_of
from tests.world.tokens import book_of, token_of
from tests.world.trade.whole import NOW, OBJECT_PATHS, PARTIES, WHOSE, Trade, kind_named, sees_record, sight_of


@pytest.mark.parametrize("who", [*PARTIES, "customs-be", "reader"])
def test_a_webhook_hears_what_its_owner_reads(trade: Trade, who: str, tmp_path: Path) -> None:
    """Whoever it was added for: the same records as he reads himself, and nothing of a record that he may not."""
    owner = "token reader" if who == "reader" else "member customs-be" if who == "customs-be" else None
    owners = Owners(
        book_of(tmp_path / "tokens", token_of("reads", "reader", [Scope.READ])), trade.node.store.reading, lambda: NOW
    )
    caller, why_not = owners.listening(owner or party_owner(trade.corridor.id[who]))
    assert not why_not
    events = trade.node.service.events
    told = [event.id for event in events.read(ITSELF, 0).events if events.tells(caller, event)]
    seen = [each.id for place, each in enumerate(trade.records) if sees_record(trade, who, place)]
    assert told == seen


def asked_and_counted(trade: Trade, who: str, target: str, said: list[str]) -> tuple[object, ...]:
    """Ask, and give what could tell an answer from another: status, header fields, length, how much was looked up."""
    said.clear()
    fields = signed(key_of(who), target, ledger=LEDGER, created=NOW // 1_000)
    answer = trade.node.get(target, fields)
    shown = {name: text for name, text in answer.headers.items() if name not in {"date", "x-request-id"}}
    return answer.status_code, shown, len(answer.content), len(said)


def test_what_is_hidden_costs_what_is_not_there(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statements, the same header fields, as many bytes: nobody tells them apart by how long it takes.

    Seconds are measured by hand (docs/privacy.md), and not here: how busy a machine is says more.
    """
    said: list[str] = []
    run = Reads._run

    def counted(reads: Reads, text: str, parameters: Sequence[object] = ()) -> list[Any]:
        said.append(text)
        return run(reads, text, parameters)

    opened: list[bytes] = []

    def opening(data: bytes) -> Object:
        opened.append(data)
        return decode_object(data)

    monkeypatch.setattr(Reads, "_run", counted)
    monkeypatch.setattr(objects, "decode_object", opening)
    own, compared = trade.corridor.id, 0
    # Whose key it is was found out already.
    asked_and_counted(trade, "outsider", "/v1/trust", said)
    absent = "ab" * 32
    for name in WHOSE:
        kind = kind_named(trade, name)
        if sight_of(trade, "outsider", name) != "nothing":
            continue
        for path in OBJECT_PATHS:
            targets = [path.format(kind=kind, id=object_id) for object_id in (own[name].hex(), absent)]
            opened.clear()
            hidden = asked_and_counted(trade, "outsider", targets[0], said)
            assert len(opened) == 1
            assert hidden == asked_and_counted(trade, "outsider", targets[1], said), targets
            assert (hidden[0], len(opened)) == (404, 2)
            compared += 1
    for place, each in enumerate(trade.records):
        if not sees_record(trade, "outsider", place):
            for path in ("/v1/records/{id}", "/v1/records/{id}/proof"):
                targets = [path.format(id=record) for record in (each.id.hex(), absent)]
                hidden, none = (asked_and_counted(trade, "outsider", target, said) for target in targets)
                assert hidden == none, (each.record.kind, targets)
                compared += 1
    assert compared > 100
    sealed = trade.corridor.signed["document's invoice"].record.body
    assert isinstance(sealed, IssueInvoice)
    assert sealed.payload is not None
    for path in ("/v1/payloads/{id}", "/v1/payloads/{id}/delivery"):
        targets = [path.format(id=digest) for digest in (sealed.payload.hash.hex(), absent)]
        hidden, none = (asked_and_counted(trade, "outsider", target, said) for target in targets)
        assert hidden == none, targets
