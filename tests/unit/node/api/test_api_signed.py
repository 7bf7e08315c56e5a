"""Signed requests (RFC 9421): who may ask by his own key, and what a hostile reader makes of them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from starlette.requests import Request

from hanse_io.signedrequests import ledger_asked_for
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer
from hanse_ledger.kinds.party.bodies import KeyRevocation, SuspendParty
from hanse_ledger.kinds.power import Power
from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.api.access import Access
from hanse_node.api.edge.signedaccess import AHEAD_SECONDS
from hanse_node.base.bounds import BAD_SIGNATURES_BURST
from hanse_node.feed import Feed
from tests.world.asking.signing import PRESENT, signed
from tests.world.front import ONE, Front, front
from tests.world.node_ledger import (
    GENESIS,
    HOUR,
    MARKET,
    OFFICE,
    PARTIES,
    START,
    enrol,
    invoice,
    key_of,
    open_office,
    party,
    public,
    revoke,
    sign,
)
from tests.world.tokens import book_of, keep_tokens, token_of

SELLER, BUYER, OFFICER = key_of("seller"), key_of("buyer"), key_of("officer")
STRANGER = key_of("a stranger")
TRUST = "/v1/trust"
OWN = f"/v1/parties/{party('seller').hex()}/records"


def appoint() -> Signed:
    """Appoint an officer who may settle."""
    body = AppointOfficer(
        key=public(OFFICER),
        office=OFFICE,
        powers=(Power.SETTLE,),
        valid_from=START,
        valid_until=START + 24 * HOUR,
    )
    return sign(body, MARKET, OFFICER, nonce="appoint")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """A node that asks for tokens, with parties, an office and an officer."""
    access = Access(book_of(tmp_path / "tokens", token_of("a-token")))
    with front(tmp_path / "node", access=access) as running:
        stands(running, *PARTIES, open_office(), appoint(), invoice(0))
        yield running


def stands(node: Front, *records: Signed) -> None:
    """Have records stand, which a token sends."""
    for each in records:
        answer = node.post(encode(each.envelope), ONE, headers={"authorization": "Bearer a-token"})
        assert answer.status_code == 201, answer.text


def asked(node: Front, key: SigningKey, target: str = TRUST, **other: object) -> tuple[int, str]:
    """Ask by a signed request; give the status, and the code of a problem."""
    answer = node.get(target, signed(key, target, **other))  # type: ignore[arg-type]  # as `signed` takes them
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


def callers(node: Front, monkeypatch: pytest.MonkeyPatch) -> list[Caller]:
    """Note who is said to ask for the trust file."""
    seen: list[Caller] = []
    original = type(node.service.proofs).trust

    def noted(part: object, caller: Caller) -> bytes:
        seen.append(caller)
        return original(part, caller)  # type: ignore[arg-type]  # the part itself

    monkeypatch.setattr(type(node.service.proofs), "trust", noted)
    return seen


def test_each_key_of_the_ledger_asks_as_whose_it_is(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A party, an officer and a member, each by its own key and without a token."""
    seen = callers(node, monkeypatch)
    for key in (SELLER, OFFICER, MARKET, key_of("market spare")):
        assert asked(node, key) == (200, "")
    assert seen == [
        Caller(CallerKind.PARTY, party("seller").hex(), object_id=party("seller")),
        Caller(CallerKind.OFFICER, public(OFFICER).hex(), object_id=OFFICE, member="market", powers=(Power.SETTLE,)),
        *[Caller(CallerKind.MEMBER_KEY, "market", object_id=OFFICE, member="market")] * 2,
    ]


def test_who_shows_nothing_is_told_what_to_sign(node: Front) -> None:
    """The answer names the ledger for which requests are signed."""
    answer = node.get(TRUST)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert ledger_asked_for(answer.headers["accept-signature"]) == ledger_id(GENESIS)


def test_keys_that_do_not_count_open_nothing(node: Front) -> None:
    """Revoked, suspended, dismissed, not enrolled: said as the rules say it, and to whoever holds the key alone."""
    suspend = SuspendParty(party=party("buyer"), reasons=("OTHER",))
    dismiss = DismissOfficer(compromised_since=None, key=public(OFFICER), office=OFFICE, reason=KeyRevocation.CESSATION)
    stands(node, sign(suspend, MARKET, nonce="suspend"), sign(dismiss, MARKET, nonce="dismiss"), revoke("seller"))
    for key, reason in (
        (BUYER, "party-suspended"),
        (OFFICER, "officer-ended"),
        (SELLER, "signer-key-revoked"),
        (STRANGER, "signer-unknown"),
    ):
        answer = node.get(TRUST, signed(key, TRUST))
        assert (answer.status_code, answer.json()["code"]) == (403, "signer-refused")
        assert reason in answer.json()["detail"]
        # Who does not hold the key learns nothing of it.
        assert asked(node, key_of("forger"), claimed=key) == (401, "request-not-signed")


def test_a_request_counts_once(node: Front) -> None:
    """The same again is refused, as long as its signature would count."""
    fields = signed(SELLER, TRUST)
    assert node.get(TRUST, fields).status_code == 200
    again = node.get(TRUST, fields)
    assert (again.status_code, again.json()["code"]) == (401, "request-replayed")
    # Another's nonce is another one.
    nonce = b"n" * 16
    assert [asked(node, key, nonce=nonce)[0] for key in (SELLER, BUYER, SELLER)] == [200, 200, 401]


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        (TRUST, "/v1/proof"),
        ("/v1/proof?object=1", "/v1/proof?object=2"),
        ("/v1/proof?object=1", "/v1/proof?object=1&view=full"),
        ("/v1/proposals", "/v1/%70roposals"),
    ],
)
def test_a_request_is_for_what_it_was_signed_for(node: Front, target: str, sent: str) -> None:
    """Another path, another query, another spelling: none of them was signed."""
    answer = node.get(sent, signed(SELLER, target))
    assert (answer.status_code, answer.json()["code"]) == (401, "request-not-signed")


def test_a_request_is_for_its_method(node: Front) -> None:
    """What was signed to read does not withdraw, and does not write."""
    fields = signed(SELLER, TRUST)
    assert node.request("POST", TRUST, headers=fields).json()["code"] == "request-not-signed"


@pytest.mark.parametrize(
    ("created", "seconds", "why"),
    [
        (PRESENT - 61, 60, "ended 1 s ago"),
        (PRESENT, 301, "may last 300"),
        (PRESENT, 0, "may last 300"),
        (PRESENT + AHEAD_SECONDS + 1, 60, "2 s in the future"),
        (PRESENT - 3_599, 300, "ended"),
    ],
)
def test_a_request_is_of_now(node: Front, created: int, seconds: int, why: str) -> None:
    """Expired, too long, or of the future: refused with the node's own time."""
    answer = node.get(TRUST, signed(SELLER, TRUST, created=created, seconds=seconds))
    assert (answer.status_code, answer.json()["code"]) == (401, "request-untimely")
    assert why in answer.json()["detail"]
    assert "2027-01-15T09:00:00Z" in answer.json()["detail"]
    assert asked(node, SELLER, created=PRESENT + AHEAD_SECONDS) == (200, "")


def test_a_request_is_for_this_node_and_ledger(node: Front) -> None:
    """Another ledger's is refused, and another node's, under whatever name it is passed on."""
    assert asked(node, SELLER, ledger=b"\1" * 32) == (401, "request-misdirected")
    assert asked(node, SELLER, host="other.example") == (401, "request-not-signed")
    passed_on = {**signed(SELLER, TRUST, host="other.example"), "host": "other.example"}
    assert node.get(TRUST, passed_on).json()["code"] == "request-misdirected"
    # No proxy is trusted here, so that what a sender writes there counts for nothing.
    claimed = {**signed(SELLER, TRUST), "host": "other.example", "x-forwarded-host": "node"}
    assert node.get(TRUST, claimed).json()["code"] == "request-misdirected"


def test_a_body_is_the_one_that_was_signed(node: Front) -> None:
    """Its hash is compared when it has come; a body whose hash is not signed is none."""
    data, other = encode(invoice(1).envelope), encode(invoice(2).envelope)
    path = "/v1/records"
    fields = signed(SELLER, path, method="POST", body=data)
    answer = node.post(other, ONE, headers=fields)
    assert (answer.status_code, answer.json()["code"]) == (401, "request-not-signed")
    bare = signed(SELLER, path, method="POST")
    assert node.post(other, ONE, headers=bare).json()["code"] == "request-not-signed"
    fields = signed(SELLER, path, method="POST", body=data)
    assert node.post(data, ONE, headers=fields).status_code == 201


def test_what_no_key_opens_stays_closed(node: Front) -> None:
    """Measures are the operator's; entries are for members, whose log they are."""
    bundle = f"/log/tile/entries/000.p/{node.store.head.size}"
    assert asked(node, MARKET, "/metrics") == (403, "out-of-scope")
    assert asked(node, SELLER, bundle) == (403, "out-of-scope")
    assert asked(node, OFFICER, bundle) == (200, "")
    assert asked(node, SELLER, OWN) == (200, "")


def test_a_token_that_is_borne_too_counts(node: Front) -> None:
    """Who bears a token asks as its bearer: his signature is not looked at."""
    fields = {**signed(STRANGER, TRUST), "authorization": "Bearer a-token"}
    assert node.get(TRUST, fields).status_code == 200


def test_who_sends_bad_signatures_is_not_heard_for_a_while(node: Front) -> None:
    """After a hundred nothing of that network is verified; whoever bears a token is answered all the same."""
    refused = 0
    while asked(node, key_of("forger"), claimed=SELLER) == (401, "request-not-signed"):
        refused += 1
        assert refused < 10 * BAD_SIGNATURES_BURST
    assert refused >= BAD_SIGNATURES_BURST
    answer = node.get(TRUST, signed(SELLER, TRUST))
    assert (answer.status_code, answer.json()["code"]) == (429, "quota-exceeded")
    assert int(answer.headers["retry-after"]) >= 1
    assert node.get(TRUST, {"authorization": "Bearer a-token"}).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signature", "hanse=:AAAA:"),
        ("signature", "other=:" + "A" * 86 + "==:"),
        ("signature-input", "hanse=()"),
        ("signature-input", 'hanse=("@method" "@path" "@query");created=1;expires=2'),
        ("signature-input", "x" * 2_000),
        ("signature-input", ""),
    ],
)
def test_what_is_no_signature_is_said(node: Front, field: str, value: str) -> None:
    """Fields in another form are refused before anything is verified."""
    answer = node.get(TRUST, {**{k.lower(): v for k, v in signed(SELLER, TRUST).items()}, field: value})
    assert (answer.status_code, answer.json()["code"]) == (401, "request-not-signed")


def test_a_node_that_asks_for_nothing_looks_at_no_signature(tmp_path: Path) -> None:
    """On one machine everything is open to its user, whatever his requests bear."""
    with front(tmp_path / "open") as node:
        node.must_stand([enrol("seller")])
        assert node.get(TRUST, {"signature-input": "none"}).status_code == 200
    assert created_id(enrol("seller").id) == party("seller")


def request_of(caller: Caller, **state: object) -> Request:
    """Make the request of a stream that somebody listens to."""
    headers = [(b"authorization", b"Bearer a-token")] if caller.kind is CallerKind.TOKEN else []
    scope = {"type": "http", "method": "GET", "path": "/v1/events", "headers": headers, "client": ("192.0.2.1", 1)}
    return Request({**scope, "state": {"caller": caller, **state}})


def test_a_stream_ends_with_the_right_to_ask(node: Front, tmp_path: Path) -> None:
    """A key that is revoked, an officer who is dismissed, a token that is taken away: each is asked anew."""
    still = node.app.state.still
    who = node.service.keyowners.who
    seller, officer = (request_of(who(ITSELF, public(key)), signing_key=public(key)) for key in (SELLER, OFFICER))
    token = request_of(Caller(CallerKind.TOKEN, "tests"))
    assert [asyncio.run(still(each)) for each in (seller, officer, token)] == [True, True, True]
    dismiss = DismissOfficer(compromised_since=None, key=public(OFFICER), office=OFFICE, reason=KeyRevocation.CESSATION)
    stands(node, revoke("seller"), sign(dismiss, MARKET, nonce="dismiss"))
    keep_tokens(tmp_path / "tokens")
    book = node.access.tokens
    assert book is not None
    book.look()
    assert [asyncio.run(still(each)) for each in (seller, officer, token)] == [False, False, False]


def test_who_may_ask_no_more_is_told_nothing(node: Front) -> None:
    """The stream ends before the next event, and at the next sign of life where there is none."""
    answers = iter([True, True, False])

    async def admit() -> bool:
        return next(answers)

    async def listen() -> list[object]:
        feed = Feed(node.service.events.read, node.service.events.tells, heartbeat_seconds=0.01)
        return [event async for event in feed.events(ITSELF, 0, admit)]

    told = asyncio.run(listen())
    assert told[-1] is None
    assert len([each for each in told if each is not None]) == len(PARTIES) + 3


def test_a_party_hears_what_concerns_it(node: Front) -> None:
    """And of offices, whose keys it seals to; nothing of others' trade."""
    caller = node.service.keyowners.who(ITSELF, public(BUYER))
    stands(node, invoice(1, buyer="seller", seller="buyer"), enrol("third"))

    async def listen() -> list[object]:
        feed = Feed(node.service.events.read, node.service.events.tells, heartbeat_seconds=0.01)
        found: list[object] = []
        async for event in feed.events(caller, 0):
            if event is None:
                feed.stop()
            else:
                found.append(event.kind)
        return found

    kinds = ["party.enrol", "office.open", "office.appoint", "invoice.issue", "invoice.issue"]
    assert asyncio.run(listen()) == kinds
