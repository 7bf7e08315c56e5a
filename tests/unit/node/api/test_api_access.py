"""Who may ask, what every request passes, and how errors look."""

import asyncio
import io
import json
import logging
from itertools import combinations
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.datastructures import Headers

from hanse_ledger.kinds import KIND_NAMED
from hanse_ledger.kinds.reasons import ALL
from hanse_ledger.values.errors import Conflict, LedgerError, Malformed, ProofInvalid, Rejected
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import Moment
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.access.shares import Shares
from hanse_node.api import problems
from hanse_node.api.access import FORWARDED, Access, access_for, is_loopback, scope_of
from hanse_node.api.edge.faces import FACES
from hanse_node.api.gateway import Gateway
from hanse_node.api.problems import EdgeRefusal, problem_of
from hanse_node.base.errors import Busy, CannotStart, Stopped, StoreFailed
from hanse_node.base.logs import log_lines
from hanse_node.base.metrics import Metrics
from hanse_node.queries.gathering import NotFound, TooLarge
from hanse_node.signing.tokens import Scope
from tests.world.front import BATCH, front
from tests.world.node_ledger import PARTIES, party
from tests.world.tokens import book_of, keep_tokens, token_of

TOKEN, OTHER = "a-token-of-this-node", "another-token-of-it"

OPEN_PATHS = ("/livez", "/readyz", "/log/checkpoint", "/log/tile/0/000.p/1")
CLOSED_PATHS = (
    "/log/tile/entries/000.p/1",
    "/log/tile/%65ntries/000.p/1",
    "/log/vkey",
    "/log/policy",
    "/metrics",
    "/openapi.json",
    "/v1/trust",
    f"/v1/parties/{party('seller').hex()}/records",
    "/v1/events",
    "/nothing",
)


def clock() -> Moment:
    """Give a moment at which no token of these tests has ended."""
    return 1


@pytest.fixture
def guarded(tmp_path: Path) -> Access:
    """Give what a node asks for that has two tokens."""
    return Access(book_of(tmp_path / "tokens", token_of(TOKEN, "one"), token_of(OTHER, "other")))


def test_only_status_and_hashes_are_public(tmp_path: Path, guarded: Access) -> None:
    """With tokens, everything but status, checkpoint and hash tiles asks for one, and says how to show it."""
    with front(tmp_path / "node", access=guarded) as node:
        for path in OPEN_PATHS:
            assert node.get(path).status_code == 200, path
        for path in CLOSED_PATHS:
            answer = node.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), path
            assert answer.headers["www-authenticate"] == "Bearer"
        assert node.batch(*PARTIES).status_code == 401
        assert node.store.head.size == 1


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {OTHER}", 200),
        (f"Basic {TOKEN}", 401),
        (f"Bearer {TOKEN}x", 401),
        (TOKEN, 401),
        ("Bearer", 401),
        ("", 401),
    ],
)
def test_each_token_opens(tmp_path: Path, guarded: Access, header: str, status: int) -> None:
    """Each of the node's tokens opens it as a bearer token, and nothing else does."""
    with front(tmp_path / "node", access=guarded) as node:
        assert node.get("/v1/trust", {"authorization": header}).status_code == status


def test_another_name_is_misdirected(tmp_path: Path) -> None:
    """A node on loopback answers under this machine's names only: a page elsewhere cannot borrow the browser."""
    with front(tmp_path / "node", access=access_for("127.0.0.1", tmp_path / "none", clock)) as node:
        for name in ("localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "LOCALHOST"):
            assert node.get("/v1/trust", {"host": name}).status_code == 200, name
        for name in ("evil.example", "evil.example:8080", "", "localhost.evil.example"):
            answer = node.get("/v1/trust", {"host": name})
            assert (answer.status_code, answer.json()["code"]) == (421, "misdirected"), name


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 (the address is what is tested)
        ("::", False),
        ("192.168.1.5", False),
        ("node.example", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, *, loopback: bool) -> None:
    """An address counts as loopback only if it certainly is."""
    assert is_loopback(host) is loopback


def test_without_tokens_only_loopback_is_served(tmp_path: Path) -> None:
    """Off loopback a node refuses to start without a token, and asks for one once there are some."""
    with pytest.raises(CannotStart, match="hanse token create"):
        access_for("0.0.0.0", tmp_path / "tokens", clock)  # noqa: S104 (the address is what is tested)
    with pytest.raises(CannotStart, match="hanse token create"):
        access_for("::", keep_tokens(tmp_path / "tokens"), clock)
    file = keep_tokens(tmp_path / "tokens", token_of(TOKEN))
    for host in ("0.0.0.0", "127.0.0.1"):  # noqa: S104 (likewise)
        with pytest.raises(EdgeRefusal, match="bears no token"):
            access_for(host, file, clock).check("GET", "/v1/trust", {"host": "localhost"})
    open_to_all = access_for("127.0.0.1", tmp_path / "none", clock)
    asking = open_to_all.check("GET", "/v1/trust", {"host": "localhost"}, "127.0.0.1")
    assert asking == Caller(CallerKind.NOBODY, "127.0.0.1")


@pytest.mark.parametrize("name", FORWARDED)
def test_a_proxy_opens_no_node_that_asks_for_nothing(tmp_path: Path, name: str) -> None:
    """Behind a proxy everybody comes from loopback: without tokens the whole world would be let in."""
    with front(tmp_path / "node", access=access_for("127.0.0.1", tmp_path / "none", clock)) as node:
        answer = node.get("/v1/trust", {"host": "localhost", name: "203.0.113.7"})
        assert (answer.status_code, answer.json()["code"]) == (421, "misdirected")
        assert "must make some" in answer.json()["detail"]


ASKED = {
    ("GET", "/v1/trust"): None,
    ("GET", "/openapi.json"): None,
    ("GET", "/metrics"): Scope.METRICS,
    ("GET", "/log/tile/entries/000.p/1"): Scope.ENTRIES,
    ("GET", f"/v1/parties/{party('seller').hex()}/records"): Scope.READ,
    ("HEAD", "/v1/events"): Scope.READ,
    ("GET", "/nothing"): Scope.READ,
    ("GET", f"/v1/payloads/{'0' * 64}"): Scope.PAYLOADS,
    ("HEAD", f"/v1/payloads/{'0' * 64}"): Scope.PAYLOADS,
    ("GET", f"/v1/payloads/{'0' * 64}/delivery"): Scope.READ,
    ("GET", f"/v1/payloads/{'0' * 64}/upload"): Scope.SUBMIT,
    ("PUT", f"/v1/payloads/{'0' * 64}/readers"): Scope.SUBMIT,
    ("POST", "/v1/records"): Scope.SUBMIT,
    ("POST", "/v1/nothing"): Scope.SUBMIT,
    ("DELETE", "/v1/records"): Scope.SUBMIT,
}


@pytest.mark.parametrize("scopes", [combination for size in range(1, 5) for combination in combinations(Scope, size)])
def test_a_token_opens_its_scopes_and_nothing_else(tmp_path: Path, scopes: tuple[Scope, ...]) -> None:
    """Every combination of scopes, held against every kind of request."""
    access = Access(book_of(tmp_path / "tokens", token_of(TOKEN, "auditor", scopes)))
    headers = {"authorization": f"Bearer {TOKEN}"}
    for (method, path), scope in ASKED.items():
        assert scope_of(method, path) is scope
        if scope is None or scope in scopes:
            assert access.check(method, path, headers) == Caller(CallerKind.TOKEN, "auditor")
        else:
            with pytest.raises(EdgeRefusal, match=f"the scope {scope}; auditor's has none") as refused:
                access.check(method, path, headers)
            assert refused.value.code == "out-of-scope"


def test_a_wrong_scope_is_said_over_http(tmp_path: Path) -> None:
    """403 with what to do; nothing is written."""
    reads = Access(book_of(tmp_path / "tokens", token_of(TOKEN, scopes=[Scope.READ])))
    with front(tmp_path / "node", access=reads) as node:
        answer = node.post(b"", BATCH, headers={"authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "out-of-scope")
        assert "operator" in answer.json()["suggested_action"]
        assert node.store.head.size == 1


def test_a_token_that_has_ended_opens_nothing(tmp_path: Path) -> None:
    """It says whose it was and since when; the same as none for whoever has none."""
    access = Access(book_of(tmp_path / "tokens", token_of(TOKEN, "auditor", ends=86_400_000), now=86_400_000))
    with pytest.raises(EdgeRefusal, match="the token of auditor ended on 1970-01-02 00:00 UTC") as refused:
        access.check("GET", "/v1/trust", {"authorization": f"Bearer {TOKEN}"})
    assert refused.value.code == "unauthorized"


def test_what_is_not_well_is_said(tmp_path: Path) -> None:
    """A node that takes records says on /readyz what is wrong besides, and nothing where all is well."""
    with front(tmp_path / "node") as node:
        assert node.get("/readyz").json() == {"status": "ready"}
        node.app.state.warnings = lambda _caller: ("", "the clients' certificate has ended")
        answer = node.get("/readyz")
        assert (answer.status_code, answer.json()) == (
            200,
            {"status": "ready", "warnings": ["the clients' certificate has ended"]},
        )


def test_a_request_has_an_id(tmp_path: Path) -> None:
    """Each answer names its request; an id that the sender gives is kept where it is harmless."""
    with front(tmp_path / "node") as node:
        first, second = (node.get("/nothing") for _ in range(2))
        assert first.headers["x-request-id"] == first.json()["request_id"] != second.headers["x-request-id"]
        assert node.get("/livez", {"x-request-id": "given-1"}).headers["x-request-id"] == "given-1"
        for wrong in ("a b", "x" * 65, 'a"b'):
            assert node.get("/livez", {"x-request-id": wrong}).headers["x-request-id"] != wrong


def test_the_log_holds_no_content(tmp_path: Path, guarded: Access) -> None:
    """Each request is a line of JSON with its id, route and status, and no id, key or body that it carried."""
    stream = io.StringIO()
    with front(tmp_path / "node", access=guarded) as node, log_lines(stream):
        name = party("seller").hex()
        node.get(f"/v1/parties/{name}/records", {"authorization": f"Bearer {TOKEN}", "x-request-id": "one"})
        node.get(f"/v1/proof?object={name}", {"x-request-id": "two"})
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    asked = [line for line in lines if line["message"] == "request"]
    assert [(line["request_id"], line["route"], line["status"]) for line in asked] == [
        ("one", "/v1/parties/{object_id}/records", 404),
        ("two", "none", 401),
    ]
    assert name not in stream.getvalue()
    assert TOKEN not in stream.getvalue()


def test_a_foreign_error_is_logged_without_its_words(tmp_path: Path) -> None:
    """Of an error that is not the node's own the log tells kind and place: its words may repeat content."""
    stream = io.StringIO()
    with log_lines(stream):
        try:
            int("secret content")
        except ValueError:
            logging.getLogger("hanse_node.test").exception("it failed")
    line = json.loads(stream.getvalue())
    assert (line["error"], line["level"], line["logger"]) == ("ValueError", "error", "hanse_node.test")
    assert any("test_api_access.py" in where for where in line["where"])
    assert "secret" not in stream.getvalue()


def test_a_broken_store_is_unavailable(tmp_path: Path) -> None:
    """When the database cannot be read, askers get a problem that says nothing of its inside."""
    with front(tmp_path / "node") as node:
        for file in (tmp_path / "node").glob("ledger.db*"):
            file.unlink()
        node.store.close()
        (tmp_path / "node" / "ledger.db").mkdir()
        answer = node.get("/log/tile/0/000.p/1")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert str(tmp_path) not in answer.text
        (tmp_path / "node" / "ledger.db").rmdir()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Malformed("x", pointer="/a"), "malformed"),
        (NotFound("x"), "not-found"),
        (TooLarge("x"), "too-large"),
        (Busy("x"), "busy"),
        (Stopped("failed: secret"), "unavailable"),
        (StoreFailed("failed: secret"), "unavailable"),
        (Conflict("secret"), "internal"),
        (ProofInvalid("secret"), "internal"),
        *((EdgeRefusal(code, "x"), code) for code in FACES),
    ],
)
def test_every_error_has_a_face(error: LedgerError, code: str) -> None:
    """Each error becomes the problem of its code, in full, and repeats no words that were meant for the log."""
    problem = problem_of(error)
    assert (problem.code, problem.status) == (code, FACES[code].status)
    assert problem.type == f"urn:hanse:problem:{code}"
    assert problem.title
    assert "secret" not in problem.detail


@pytest.mark.parametrize("reason", ALL)
def test_every_refusal_has_a_face(reason: Reason) -> None:
    """Each reason, with each kind of record, has a rule, words and an advice."""
    for kind in KIND_NAMED:
        problem = problem_of(Rejected(reason, pointer="/a", seen="b", wanted="c"), kind)
        assert (problem.code, problem.status) == (reason.value, 422)
        assert problem.rule
        assert problem.user_message
        assert problem.suggested_action
        assert [(each.pointer, each.seen, each.wanted) for each in problem.errors] == [("/a", "b", "c")]


def test_a_bug_is_answered_and_logged_under_its_request() -> None:
    """A bug of ours is a problem that tells nothing of itself, under the id by which the log tells more."""
    app, stream = FastAPI(), io.StringIO()
    problems.install(app)
    shares = Shares()

    async def admit(_scope: object, headers: Headers) -> Caller:
        return Access().check("GET", "/", headers)

    app.add_middleware(
        Gateway,
        admit=admit,
        lane=shares.lane,
        answers=shares.answers,
        metrics=Metrics(),
    )

    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError("secret content")

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as client:
            return await client.get("/bug", headers={"x-request-id": "here"})

    with log_lines(stream):
        answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "here"
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {(line["message"], line["request_id"]) for line in lines} == {
        ("request", "here"),
        ("a request met a bug", "here"),
    }
    assert "secret" not in stream.getvalue() + answer.text


def test_measures_are_shown(tmp_path: Path) -> None:
    """The measures count records by outcome, time requests by route, and carry their units in their names."""
    with front(tmp_path / "node") as node:
        node.results(*PARTIES, b"\x00")
        node.results(PARTIES[0])
        text = node.get("/metrics").text
    assert 'hanse_records_total{outcome="created"} 2.0' in text
    assert 'hanse_records_total{outcome="malformed"} 1.0' in text
    assert 'hanse_records_total{outcome="exists"} 1.0' in text
    assert 'route="/v1/records",status="200"' in text
    assert "hanse_log_size_entries 4.0" in text
    assert "hanse_ready 1.0" in text


def test_no_line_of_the_log_acts_on_who_reads_it() -> None:
    """An engine's words, or another node's, may stand in it: they are escaped, and the line says what it said."""
    words = "\x9b2J\x7f\u202ebank\u2028\U000e0041\ud800 \u6771"
    stream = io.StringIO()
    with log_lines(stream):
        logging.getLogger("hanse_node.tests").warning("said", extra={"said": words, words: 1})
    line = stream.getvalue().removesuffix("\n")
    assert line.isprintable()
    assert "\u6771" in line
    assert json.loads(line)["said"] == words
    assert json.loads(line)[words] == 1
