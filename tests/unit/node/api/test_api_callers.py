"""Every use case is told who asks, and every route tells it that of its own request."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.routing import BaseRoute

from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.codec import encode
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.api import peers
from hanse_node.api.access import Access
from hanse_node.api.app import ROUTERS
from hanse_node.feed import Feed
from hanse_node.peers.collecting import COSIGN, ENGINE, EVIDENCE, GROUP, HEAD
from hanse_node.service import Service
from hanse_node.signing import tls
from tests.world.front import BATCH, ONE, Front, front
from tests.world.node_ledger import HOUR, OFFICE, PARTIES, START, invoice, open_office, party
from tests.world.peer_listener import PeerListener, peer_listener

PARTS = 8
USE_CASES = 24
"""As many at least: a walk that finds fewer looks in the wrong place."""

WITHOUT = {"/livez", "/verify", ENGINE}
"""Routes that ask for no use case: that the process runs, the verifier page, and what is passed on to the engine."""

Asked = list[tuple[str, Caller]]


def parts_of(service: Service) -> dict[str, object]:
    """Give the parts of a node's service, by the names by which routes find them."""
    return {name: part for name, part in vars(service).items() if not name.startswith("_")}


def use_cases(part: object) -> dict[str, Callable[..., Any]]:
    """Give a part's public methods."""
    return {
        name: method for name, method in inspect.getmembers(type(part), inspect.isfunction) if not name.startswith("_")
    }


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which a few records stand."""
    with front(tmp_path / "node") as running:
        running.must_stand(list(PARTIES))
        running.must_stand([invoice(0), open_office()])
        yield running


def note_callers(service: Service, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Have every use case note who is said to ask; what it does is the same."""
    asked: Asked = []

    def noting(label: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def noted(part: object, caller: Caller, *given: Any, **named: Any) -> Any:
            asked.append((label, caller))
            return original(part, caller, *given, **named)

        return noted

    for name, part in parts_of(service).items():
        for label, method in use_cases(part).items():
            monkeypatch.setattr(type(part), label, noting(f"{name}.{label}", method))
    return asked


def test_every_use_case_takes_its_caller(node: Front) -> None:
    """First of all, and without a default that could be forgotten."""
    parts = parts_of(node.service)
    assert len(parts) >= PARTS
    seen = 0
    for name, part in parts.items():
        for label, method in use_cases(part).items():
            first = list(inspect.signature(method, eval_str=True).parameters.values())[1]
            what = (first.name, first.annotation, first.default)
            assert what == ("caller", Caller, inspect.Parameter.empty), f"{name}.{label}"
            seen += 1
    assert seen >= USE_CASES


SEALED = b"a sealed document"
SEALED_HASH = sha256(SEALED).hexdigest()
NAME = "A" * 26
"""Under which a proof is published."""


def urls() -> dict[tuple[str, str], str]:
    """Give a request for each route of clients: of its path and its method a path that leads to something."""
    named = {
        "{name}": NAME,
        "{record_id}": PARTIES[0].id.hex(),
        "{object_id}": party("seller").hex(),
        "{kind}": "party",
        "{member}": "market",
        "{digest}": SEALED_HASH,
        "{key}": "00000000-0000-4000-8000-000000000000",
        "{path:path}": "0/000.p/1",
    }
    found: dict[tuple[str, str], str] = {}
    routes: list[BaseRoute] = [route for router in ROUTERS for route in router.routes]
    for route in routes:
        path: str = getattr(route, "path", "")
        (method,) = getattr(route, "methods", {""}) - {"HEAD"}
        url = path
        of = dict(named)
        of |= {"{object_id}": OFFICE.hex()} if path.startswith("/v1/offices/") else {}
        of |= {"{name}": "payment_of_uetr", "{kind}": "payment"} if path.startswith("/v1/lists/{kind}/by/") else {}
        for name, value in of.items():
            url = url.replace(name, value)
        asked = {"/v1/proof": f"?object={party('seller').hex()}", "/v1/waiting": "?who=market"}
        found[path, method] = url + asked.get(path, "")
    return found


def test_every_route_tells_who_asks(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each asks on behalf of whoever has sent the request, and of nobody else; so does each way in for records."""
    asked = note_callers(node.service, monkeypatch)

    def check(_self: Access, _method: str, _path: str, headers: Mapping[str, str], _address: str = "") -> Caller:
        return Caller(CallerKind.TOKEN, headers["asker"])

    async def listen(_self: Feed, caller: Caller, _after: int, _admit: object) -> AsyncIterator[None]:
        asked.append(("feed", caller))
        yield None

    monkeypatch.setattr(Access, "check", check)
    monkeypatch.setattr(Feed, "events", listen)
    one, many = encode(invoice(1).envelope), [invoice(2), invoice(0)]
    bodies = (("", one), ("?proof=true&since=1", one), ("?proof=1", one))
    proof = node.get(f"/v1/proof?object={party('seller').hex()}", {"asker": "before"}).content
    secret = node.request("PUT", f"/p/{NAME}", content=proof, headers={"asker": "before"}).json()["secret"]
    asked.clear()
    for number, ((path, method), url) in enumerate(urls().items()):
        headers = {"asker": f"program {number}"}
        if path == "/v1/tags":
            told = node.request(method, url, content=b"{}", headers=headers).status_code
            assert told == HTTPStatus.BAD_REQUEST
        elif path.startswith("/v1/payloads/"):
            # How far an upload has come is told to who sends it.
            sent = {**headers, "hanse-expires": str(START + HOUR + 600_000)}
            assert node.request("PUT", f"/v1/payloads/{SEALED_HASH}", content=SEALED, headers=sent).status_code < 300
            assert method == "PUT" or node.get(url, headers).status_code == 200, url
        elif method == "POST":
            statuses = {node.post(data, ONE, query, headers=headers).status_code for query, data in bodies}
            statuses.add(node.post(_batch(*many), BATCH, headers=headers).status_code)
            assert statuses == {200, 201}
        elif method == "PUT":
            assert node.request(method, url, content=proof, headers=headers).json()["code"] == "name-taken"
        elif method == "DELETE":
            assert node.request(method, url, headers={**headers, "hanse-secret": secret}).status_code == 204
        else:
            assert node.get(url, headers).status_code == 200, url
        assert {caller for _, caller in asked} == (
            set() if path in WITHOUT else {Caller(CallerKind.TOKEN, f"program {number}")}
        ), path
        asked.clear()


def _batch(*records: Signed) -> bytes:
    envelopes = [encode(each.envelope) for each in records]
    return msgspec.msgpack.encode(envelopes)


def test_every_route_of_members_tells_whose_node_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The member's of the certificate that was shown."""
    monkeypatch.setattr(tls, "GRACE", timedelta(days=3_650))
    with peer_listener(tmp_path) as market:
        asked = note_callers(market.node.service, monkeypatch)
        requests = member_requests(market)
        assert requests.keys() == {getattr(route, "path", "") for route in peers.router.routes}
        for member in ("bank", "chamber"):
            for path, (method, url, body) in requests.items():
                market.ask(member, method, url, body)
                assert {caller for _, caller in asked} == (
                    set() if path in WITHOUT else {Caller(CallerKind.MEMBER, member)}
                ), path
                asked.clear()


def member_requests(market: PeerListener) -> dict[str, tuple[str, str, bytes | None]]:
    """Give a request for each route of members' nodes: its method, its path, its body."""
    head = market.node.store.head
    return {
        COSIGN: ("POST", COSIGN, market.head("bank", head.size, head.root)),
        HEAD: ("GET", f"{HEAD}?size=1", None),
        GROUP: ("GET", f"{GROUP}?after=1", None),
        EVIDENCE: ("POST", EVIDENCE, b"{}"),
        ENGINE: ("POST", ENGINE, b"{}"),
    }


def test_the_node_reads_for_all_who_listen(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes is read once, by nobody of them."""
    asked = note_callers(node.service, monkeypatch)
    feed = Feed(node.service.events.read, lambda _caller, _event: True, heartbeat_seconds=60)

    async def listen() -> None:
        async for _ in feed.events(Caller(CallerKind.TOKEN, "a"), 0):
            feed.stop()

    asyncio.run(listen())
    assert set(asked) == {("events.read", ITSELF)}
