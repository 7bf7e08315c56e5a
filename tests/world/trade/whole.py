"""A whole trade at a node that asks who reads: whose each object is, by hand, and what somebody may see by that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hanse_ledger.kinds import type_of
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.codec import encode
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.api.access import Access
from hanse_node.base.config import DATABASE
from hanse_node.base.receipts import Outcome
from hanse_node.signing.tokens import Scope
from tests.world.asking.signing import signed
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, GENESIS, LEDGER, T0, key_of, public, seed_of
from tests.world.front import BATCH, Front, front
from tests.world.tokens import book_of, token_of
from tests.world.trade.bycomet import CometBlocks
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


TOKENS = {"reader": "reads", "keeper": "keeps"}
"""Who bears a token: one that reads, and one that its operator has made for sealed bytes alone."""


class Trade(NamedTuple):
    """A node that holds a whole trade."""

    node: Front
    corridor: Corridor
    records: tuple[Signed, ...]
    touched: tuple[frozenset[ObjectId], ...]


@contextmanager
def trade_running(path: Path, database: str = DATABASE, *, alone: bool = True) -> Iterator[Trade]:
    """Run a node that asks who reads, on a database; its records are ordered by itself alone, or come by CometBFT."""
    corridor = whole_trade()
    rows = [row for block in corridor.blocks for row in block.entries if row.record is not None]
    entries = [decode_entry(row.data) for row in rows]
    records = tuple(open_decoded(entry.payload) for entry in entries if isinstance(entry, RecordEntry))
    book = book_of(
        path / "tokens",
        token_of("everything", "all"),
        token_of("reads", "reader", [Scope.READ]),
        token_of("keeps", "keeper", [Scope.PAYLOADS]),
    )
    with front(
        path / "node",
        GENESIS,
        seeds=(seed_of("operator log"), seed_of("operator cosigner")),
        cosigner="operator",
        clock=lambda: NOW,
        access=Access(book),
        database=database,
        alone=alone,
    ) as node:
        if not alone:
            _bring(node, path / "node", records)
        for each in records if alone else ():
            data = b"\x91" + b"\xc5" + len(encode(each.envelope)).to_bytes(2, "big") + encode(each.envelope)
            answer = node.post(data, BATCH, headers={"authorization": "Bearer everything"})
            assert answer.json()["results"][0]["outcome"] == "created", answer.text
        yield Trade(node, corridor, records, tuple(frozenset(row.touched) for row in rows))


def _bring(node: Front, path: Path, records: Sequence[Signed]) -> None:
    """Commit a block for each record, as CometBFT has them committed, and show the last one's head."""
    blocks = CometBlocks(node.store, node.signer, path)
    try:
        for each in records:
            (receipt,) = blocks.block([each], NOW)
            assert receipt.outcome is Outcome.CREATED, receipt
    finally:
        blocks.close()
    assert node.store.publish(node.store.sign_present(node.signer.sign))
    node.engine.start()  # nothing is sent to it: a node that has none is not ready


def ask(trade: Trade, who: str, target: str) -> tuple[int, Any]:
    """Ask as somebody; give the status, and what was answered without the request's own id."""
    if who == "nobody":
        fields = {}
    elif who in TOKENS:
        fields = {"authorization": f"Bearer {TOKENS[who]}"}
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
