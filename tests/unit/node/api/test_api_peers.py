"""What members' nodes ask each other: who asks is known first, then what was signed; then only does anything wait."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from hanse_ledger.misbehaviour.contradiction import contradict, write_contradiction
from hanse_ledger.proofs.heads import cosigning_key
from hanse_ledger.tlog.checkpoint import verify_cosignature
from hanse_ledger.tlog.notes import parse_note
from hanse_node.base.bounds import BODY_GRACE_SECONDS, COSIGN_WAIT_SECONDS, PEER_REQUESTS_BURST
from hanse_node.signing import tls
from tests.world.node_ledger import digest
from tests.world.peer_listener import PeerListener, cosigner, peer_listener

SOON = 1.5
"""Less than anything is waited for, on a machine that has other things to do."""


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PeerListener]:
    """Run the market's listener; certificates of these tests count now."""
    monkeypatch.setattr(tls, "GRACE", timedelta(days=3_650))
    with peer_listener(tmp_path) as running:
        yield running


def own_head(market: PeerListener, member: str) -> bytes:
    """Write the market's present head as another member's log has it too."""
    head = market.node.store.head
    return market.head(member, head.size, head.root)


def test_a_member_s_own_head_is_cosigned(market: PeerListener) -> None:
    """The same size and root, signed by the log of the member whose certificate is shown."""
    with closing(market.connect("bank")) as connection:
        connection.request("POST", "/v1/cosign", own_head(market, "bank"))
        answer = connection.getresponse()
        note = answer.read()
    assert answer.status == 200, note
    verify_cosignature(parse_note(note), cosigning_key(market.node.store.ledger, cosigner("market")))


def test_nobody_asks_for_another(market: PeerListener) -> None:
    """A head of the chamber's log, brought by the bank's node, is refused, though the chamber has signed it."""
    assert market.ask("bank", "POST", "/v1/cosign", own_head(market, "chamber")).status == 400


def test_what_is_not_signed_is_not_waited_for(market: PeerListener) -> None:
    """An unsigned head of a size that will never come is refused at once, and so is one of another's signature."""
    far = market.head("bank", 2**40, bytes(32))
    line = far.rindex(b" ") + 1
    for forged in (far[:line] + b"AAAA" + far[line + 4 :], far.replace(b"1099511627776", b"1099511627777")):
        begun = monotonic()
        assert market.ask("bank", "POST", "/v1/cosign", forged).status == 400
        assert monotonic() - begun < SOON


def test_what_is_signed_is_waited_for_within_a_share(market: PeerListener) -> None:
    """Signed heads from the future wait on the loop, bounded; the others' heads are cosigned meanwhile."""
    far = market.head("bank", 2**40, bytes(32))
    statuses: list[int] = []

    def wait() -> None:
        statuses.append(market.ask("bank", "POST", "/v1/cosign", far).status)

    waiting = [threading.Thread(target=wait) for _ in range(60)]
    # Nodes hold their connections: a handshake waits behind those of the sixty, a request does not.
    with closing(market.connect("chamber")) as chamber, closing(market.connect("customs")) as customs:
        begun = monotonic()
        for thread in waiting:
            thread.start()
        for member, connection in (("chamber", chamber), ("customs", customs)):
            asked = monotonic()
            connection.request("POST", "/v1/cosign", own_head(market, member))
            answer = connection.getresponse()
            assert answer.read()
            assert answer.status == 200
            assert monotonic() - asked < SOON
    for thread in waiting:
        thread.join()
    assert set(statuses) == {409}
    assert monotonic() - begun > COSIGN_WAIT_SECONDS


def test_who_was_expelled_asks_no_more(market: PeerListener) -> None:
    """From the vote on: on a connection that is open 403, and its end; a new one is not believed. Others go on."""
    with closing(market.connect("bank")) as connection:
        connection.request("GET", "/v1/head")
        assert connection.getresponse().read()
        market.expel("bank")
        connection.request("GET", "/v1/head")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("connection")) == (403, "close")
        answer.read()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        market.ask("bank", "GET", "/v1/head")
    assert market.ask("chamber", "GET", "/v1/head").status == 200


def test_observers_read_and_vouch_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who never was a member and whose authority is there may follow; who was one, if named. Neither is cosigned."""
    monkeypatch.setattr(tls, "GRACE", timedelta(days=3_650))
    with peer_listener(tmp_path, observers=("bank",)) as market:
        market.expel("bank")
        for member in ("observer", "bank"):
            assert market.ask(member, "GET", "/v1/head").status == 200
            assert market.ask(member, "POST", "/v1/cosign", b"x").status == 403
            assert market.ask(member, "POST", "/v1/evidence", b"x").status == 403
        with pytest.raises((ssl.SSLError, ConnectionError)):
            market.ask("stranger", "GET", "/v1/head")


def test_bodies_that_only_announce_hold_nothing(market: PeerListener) -> None:
    """Seventeen that declare 8 MiB and drip: others are heard at once, and the seventeen are ended."""
    head = b"POST /v1/evidence HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n"
    idle = []
    for _ in range(17):
        plain = socket.create_connection(("127.0.0.1", market.port), timeout=30)
        idle.append(market.context("bank").wrap_socket(plain))
        idle[-1].sendall(head + b"x")
    begun = monotonic()
    assert market.ask("chamber", "POST", "/v1/cosign", own_head(market, "chamber")).status == 200
    assert market.ask("bank", "POST", "/v1/cosign", own_head(market, "bank")).status == 200
    assert monotonic() - begun < SOON
    for connection in idle:
        with connection:
            assert b" 408 " in connection.recv(65_536)
    assert BODY_GRACE_SECONDS - 2 < monotonic() - begun < BODY_GRACE_SECONDS + 5


def test_a_head_to_cosign_is_small(market: PeerListener) -> None:
    """What bears one node's signatures needs no megabyte: 413, whatever else it is."""
    assert market.ask("bank", "POST", "/v1/cosign", bytes(20_000)).status == 413


def test_who_asks_too_often_is_told_so(market: PeerListener) -> None:
    """A member that asks without a pause is answered 429 before long, and nobody else is."""
    statuses = set()
    with closing(market.connect("bank")) as connection:
        for _ in range(10 * PEER_REQUESTS_BURST):  # a busy machine is not much faster than what is granted
            connection.request("GET", "/v1/head")
            answer = connection.getresponse()
            answer.read()
            statuses.add(answer.status)
            if answer.status == 429:
                assert int(answer.getheader("retry-after", "0")) >= 1
                break
    assert statuses == {200, 429}
    assert market.ask("chamber", "GET", "/v1/head").status == 200


def test_large_evidence_has_a_slower_pace(market: PeerListener) -> None:
    """A file of eight megabytes is half a second's work to judge: who sends more waits for seconds."""
    one, two = market.head("bank", 3, digest("one")), market.head("bank", 3, digest("two"))
    small = write_contradiction(contradict(market.node.store.ledger, one.decode(), two.decode(), digest("two"), ()))
    large = b"{" * (7 * 1024 * 1024)
    assert market.ask("bank", "POST", "/v1/evidence", small).status == 204
    assert market.ask("bank", "POST", "/v1/evidence", large).status == 400
    answer = market.ask("bank", "POST", "/v1/evidence", large)
    assert answer.status == 429
    assert 5 <= int(answer.headers["retry-after"]) <= 30, "soon enough for an honest node, which tries for 80 s"
    assert market.ask("chamber", "POST", "/v1/evidence", small).status == 204


def test_evidence_has_a_pace(market: PeerListener) -> None:
    """A member may send a few files; a flood of them is slowed, and what others send is judged."""
    one, two = market.head("bank", 3, digest("one")), market.head("bank", 3, digest("two"))
    evidence = contradict(market.node.store.ledger, one.decode(), two.decode(), digest("two"), ())
    data = write_contradiction(evidence)
    statuses = [market.ask("bank", "POST", "/v1/evidence", data).status for _ in range(40)]
    assert statuses[0] == 204
    assert 429 in statuses
    assert market.ask("chamber", "POST", "/v1/evidence", data).status == 204
