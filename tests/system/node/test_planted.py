"""Values of sealed documents, hidden terms and legal identities stand nowhere where a node or a stranger could read.

All bytes are searched that a node ever holds, and all that it answers to who is not entitled; also what it says of
mistakes in which somebody sends it such values. Everywhere something that is told in the clear is found by the same
search, so that a place which is not searched does not pass for one in which nothing stands.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Self
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import URL, MetaData, create_engine, select

from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.wire.codec import encode
from hanse_node.base.config import DATABASE
from hanse_node.main import init_node
from hanse_node.signing.tagbook import TagBook
from hanse_node.signing.tokens import Scope
from tests.system.node.test_webhooks import allow_loopback
from tests.system.stage.processes import said
from tests.system.stage.receiver import receiver
from tests.world.planted.searching import Search, stands_in
from tests.world.planted.trade import VALUES, Trade, loud_node, memory_of
from tests.world.sdk_node import COSIGNING_SEED, LOG_SEED, NodeCorridor, now_ms
from tests.world.tokens import keep_tokens, token_of

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

TOLD = {
    "kind": "invoice.issue",
    "sealed": "age-encryption.org/v1",
    "started": "the node is ready",
    "statements": "sqlalchemy.engine",
}
"""What is told in the clear: the kind of a record, that a file is sealed, what a log says in any case."""

SEARCHED = {
    "folder: .db-wal": "kind",
    "folder: sealed": "sealed",
    "backup: .db": "kind",
    "backup: .tar": "sealed",
    "logged: debug": "statements",
    "logged: log": "started",
    "webhooks": "kind",
    "auditor: v1": "kind",
    "auditor: log": "kind",
    "auditor: events": "kind",
    "operator: payloads": "sealed",
    "operator: v1": "kind",
    "memory": "kind",
}
"""Places, and what must be found there: whatever a search does not open does not pass for clean."""


class Held:
    """All bytes that somebody got hold of, by the place."""

    def __init__(self) -> None:
        self.places: dict[str, bytearray] = {}

    def add(self, place: str, data: bytes | str) -> None:
        """Take up bytes."""
        self.places.setdefault(place, bytearray()).extend(data.encode() if isinstance(data, str) else data)
        self.places[place].extend(b"\n")

    def folder(self, place: str, folder: Path) -> None:
        """Take up every file of a folder, with its name."""
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            sort = "sealed" if "payloads" in path.parts else path.suffix or path.name
            self.add(f"{place}: {sort}", str(path.relative_to(folder)))
            self.add(f"{place}: {sort}", path.read_bytes())


PARTS = ("log", "payloads", "v1")


class Asking:
    """Somebody who asks a node for all that there is, and notes what comes."""

    def __init__(self, trade: Trade, held: Held, who: str, bearer: str = "") -> None:
        self.trade, self.held, self.who = trade, held, who
        fields = {"authorization": f"Bearer {bearer}"} if bearer else {}
        self.http = httpx2.Client(base_url=trade.url, headers=fields, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, target: str, method: str = "GET", **what: object) -> httpx2.Response:
        """Ask; what is answered, and its headers, count as what he holds."""
        answer = self.http.request(method, target, **what)  # type: ignore[arg-type]  # as they were given
        sort = "payloads" if "/payloads/" in target else target.split("?", maxsplit=1)[0].split("/")[1]
        place = f"{self.who}: {sort}" if sort in PARTS else f"{self.who}: others"
        self.held.add(place, f"{answer.headers}\n".encode() + answer.content)
        return answer

    def everything(self) -> None:
        """Ask on each path about each object."""
        ids = {name: value.hex() for name, value in self.trade.ids.items()}
        for name, value in ids.items():
            kind = name if name not in self.trade.people else "party"
            for path in (f"/v1/objects/{kind}/{value}", f"/v1/objects/{kind}/{value}/records"):
                self.ask(path)
            self.ask(f"/v1/proof?object={value}")
            self.ask(f"/v1/proof?object={value}&view=status")
            self.ask(f"/v1/parties/{value}/records")
            self.ask(f"/v1/lists/invoice?whose={value}")
            self.ask(f"/v1/waiting?who={value}")
        for record in self.trade.records:
            self.ask(f"/v1/records/{record.hex()}")
            self.ask(f"/v1/records/{record.hex()}/proof")
        for kind in ("invoice", "certificate", "payment", "document", "party", "office", "declaration"):
            self.ask(f"/v1/lists/{kind}?limit=200")
        for digest in self.trade.sealed:
            self.ask(f"/v1/payloads/{digest.hex()}")
            self.ask(f"/v1/payloads/{digest.hex()}/delivery")
        self.ask(f"/v1/documents/{sha256(self.trade.invoice).hexdigest()}")
        for path in (
            "/log/checkpoint",
            "/log/policy",
            "/log/vkey",
            "/v1/trust",
            "/metrics",
            "/verify",
            "/openapi.json",
        ):
            self.ask(path)
        size = int(self.ask("/log/checkpoint").text.split("\n")[1])
        for path in (f"/log/tile/entries/000.p/{size}", f"/log/tile/0/000.p/{size}"):
            self.ask(path)
        self._events()

    def _events(self) -> None:
        """Read the stream of events as far as it has come."""
        with self.http.stream("GET", "/v1/events?after=0") as stream:
            if stream.status_code != 200:
                return
            for line in stream.iter_lines():
                self.held.add(f"{self.who}: events", line)
                if "payment.instruct" in line or "document.hold" in line:
                    break

    def mistakes(self) -> None:
        """Send values where none belong: in bodies, paths, queries and headers, false and too large."""
        every = "\n".join(VALUES.values())
        digest = sha256(self.trade.invoice).hexdigest()
        media = ("application/vnd.hanse.envelope+msgpack", "application/json", "application/vnd.hanse.envelope+json")
        for kind in media:
            for body in (self.trade.invoice, every.encode(), encode({"payload": every, "signatures": []})):
                self.ask("/v1/records", "POST", content=body, headers={"content-type": kind})
        self.ask("/v1/tags", "POST", content=self.trade.invoice, headers={"content-type": "application/json"})
        soon = {"hanse-expires": str(now_ms() + 600_000)}
        place = f"bytes 0-{len(self.trade.invoice) - 1}/{len(self.trade.invoice)}"
        for target, fields in (
            (f"/v1/payloads/{os.urandom(32).hex()}", {**soon, "content-range": place}),
            (f"/v1/payloads/{os.urandom(32).hex()}", {"hanse-expires": "0"}),
            (f"/v1/payloads/{os.urandom(32).hex()}", {**soon, "content-range": quote(every)}),
            (f"/v1/payloads/{digest}/readers", {}),
        ):
            self.ask(target, "PUT", content=self.trade.invoice, headers=fields)
        self.ask(f"/v1/payloads/{os.urandom(32).hex()}", "PUT", content=self.trade.invoice * 300, headers=soon)
        for value in VALUES.values():
            told = quote(value, safe="")
            for target in (
                f"/v1/objects/{told}/{told}",
                f"/v1/records/{told}",
                f"/v1/lists/invoice?whose={told}&limit={told}",
                f"/v1/documents/{told}",
                f"/v1/proof?object={told}&disclose={told}",
                f"/p/{told}",
                f"/log/tile/{told}",
                f"/{told}",
                f"/v1/events?after={told}",
            ):
                self.ask(target)
            self.ask("/v1/trust", headers={"authorization": f"Bearer {told}", "accept": told})
            self.ask("/v1/records", told.replace("%", ""))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Name an empty database of each kind."""
    if request.param == "sqlite":
        return URL.create("sqlite", database=str(tmp_path / "node" / "ledger.db"))
    made: URL = request.getfixturevalue("postgres")
    return made


@pytest.fixture
def node(tmp_path: Path, database: URL) -> tuple[Path, NodeCorridor]:
    """Make a node that asks who reads, with tokens for an operator, an auditor and a reader."""
    corridor, folder = NodeCorridor("planted"), tmp_path / "node"
    named = database.render_as_string(hide_password=False)
    init_node(
        folder,
        encode(corridor.genesis),
        "market",
        log_seed=LOG_SEED,
        cosigning_seed=COSIGNING_SEED,
        database=DATABASE if database.get_backend_name() == "sqlite" else named,
    )
    keep_tokens(
        folder / "keys" / "tokens",
        token_of("the_operator_s"),
        token_of("the_auditor_s", "auditor", [Scope.READ, Scope.ENTRIES, Scope.PAYLOADS]),
        token_of("a_sender_s", "sender", [Scope.READ, Scope.SUBMIT]),
    )
    TagBook(folder).keep(EpochKey(epoch=1, key=sha256(b"of tags").digest()))
    allow_loopback(folder)
    return folder, corridor


def dumped(database: URL) -> Iterator[bytes]:
    """Give every value of every table of a database, as it stands there."""
    engine = create_engine(database.set(drivername="postgresql+psycopg"))
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                yield b"\0".join(each if isinstance(each, bytes) else repr(each).encode() for each in row)
    engine.dispose()


def test_planted_values_stand_nowhere(node: tuple[Path, NodeCorridor], database: URL, tmp_path: Path) -> None:
    """Neither in what a node holds, writes and sends, nor in what it answers to who is not entitled."""
    (folder, corridor), held = node, Held()
    (tmp_path / "people").mkdir()
    with receiver() as place, loud_node(folder) as (url, number):
        said("webhook", "add", "erp", place.url, "--from", "0", "--dir", folder)
        trade = Trade(url, corridor, tmp_path / "people")
        for who, bearer in (("nobody", ""), ("auditor", "the_auditor_s"), ("operator", "the_operator_s")):
            with Asking(trade, held, who, bearer) as asking:
                asking.everything()
        said("backup", tmp_path / "backup", "--dir", folder)
        for came in place.wait(8):
            held.add("webhooks", f"{came.headers}\n".encode() + came.body)
        # Not even in its memory: it has never had any of them. From here on it is sent some.
        memory = [(stands_in(VALUES, piece), stands_in(TOLD, piece)) for piece in memory_of(number)]
        assert trade.tag(), "the node is told who seller and buyer are, and makes tags of it"
        for who, bearer in (("sender", "a_sender_s"), ("nobody", "")):
            with Asking(trade, held, f"mistakes of {who}", bearer) as asking:
                asking.mistakes()
    held.folder("folder", folder)
    held.folder("backup", tmp_path / "backup")
    for name in ("debug", "log"):
        held.add(f"logged: {name}", folder.with_suffix(f".{name}").read_bytes())
    for row in dumped(database) if database.get_backend_name() == "postgresql" else ():
        held.add("folder: .db-wal", row)
    values, told = Search(VALUES), Search(TOLD)
    leaks = {name: values.find(bytes(data)) for name, data in held.places.items()}
    leaks["memory"] = set().union(*(found for found, _ in memory))
    assert {name: found for name, found in leaks.items() if found} == {}
    seen = {name: told.find(bytes(held.places[name])) for name in SEARCHED if name != "memory"}
    seen["memory"] = set().union(*(found for _, found in memory))
    assert {name for name, wanted in SEARCHED.items() if wanted not in seen[name]} == set()
    # What was looked for is what people have: each of the values stands in their papers and home folders.
    assert values.find(trade.order + b"".join(_homes(tmp_path))) == set(VALUES)


def _homes(tmp_path: Path) -> Iterator[bytes]:
    for path in (tmp_path / "people").rglob("*"):
        if path.is_file():
            yield path.read_bytes()
            yield path.name.encode()
