"""Clients of a node that holds, fills or tires whoever asks: each call ends, in words, within its time."""

import time
from pathlib import Path

import anyio
import msgspec
import pytest

from hanse_client import AsyncClient, Client
from hanse_client.base.errors import BadAnswer, HanseError, NodeUnreachable, Refused
from hanse_client.exchange.problems import read_problem
from hanse_client.exchange.transport import ATTEMPTS
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from tests.world.corridor_genesis import GENESIS
from tests.world.hostile import hostile

TIMEOUT_MS = 300
TRUST = read_trust(write_trust(GENESIS))


@pytest.mark.parametrize(
    ("form", "error", "words"),
    [
        ("gzip", BadAnswer, "encoded"),
        ("gzip-twice", BadAnswer, "encoded"),
        ("endless", BadAnswer, "more than"),
        ("early-hints", BadAnswer, "head"),
        ("one-header", BadAnswer, "head"),
        ("both-lengths", BadAnswer, "chunked"),
        ("drip-head", NodeUnreachable, "in time"),
        ("drip-body", NodeUnreachable, "in time"),
        ("silent", NodeUnreachable, "in time"),
    ],
)
def test_a_head_of_a_hostile_node(tmp_path: Path, form: str, error: type[HanseError], words: str) -> None:
    """Whatever a node does in the place of its head, the client says what, and is done when its time is over."""
    with (
        hostile({"log/checkpoint": form}) as url,
        Client(url, trust=TRUST, home=tmp_path, timeout_ms=TIMEOUT_MS) as client,
    ):
        begun = time.monotonic()
        with pytest.raises(error, match=words):
            client.head()
        assert time.monotonic() - begun < ATTEMPTS * TIMEOUT_MS / 1_000 + 5


def test_a_node_among_several_harms_nobody(tmp_path: Path) -> None:
    """Where one of two nodes answers with a bomb, the other one is asked."""
    with (
        hostile({"log/checkpoint": "gzip-twice"}) as bad,
        hostile({"log/checkpoint": "both-lengths"}) as other,
        Client([bad, other], trust=TRUST, home=tmp_path, timeout_ms=TIMEOUT_MS) as client,
        pytest.raises(BadAnswer, match="chunked"),
    ):
        client.head()


def test_both_clients_are_the_same_there(tmp_path: Path) -> None:
    """The async client is bounded as the other one is."""

    async def main(url: str) -> None:
        async with AsyncClient(url, trust=TRUST, home=tmp_path, timeout_ms=TIMEOUT_MS) as client:
            await client.head()

    with hostile({"log/checkpoint": "gzip"}) as url, pytest.raises(BadAnswer, match="encoded"):
        anyio.run(main, url)


def test_what_a_node_says_is_one_harmless_line() -> None:
    """Of a lying node: its words clear no screen, turn no reading direction, and end no line of who prints an error."""
    words = "\x1b[2J\x1b[1;1Hok\n\nverdict: valid\u202e\x9b2J\r"
    names = ("code", "detail", "request_id", "rule", "suggested_action", "title", "user_message")
    problem = dict.fromkeys(names, words) | {"errors": [dict.fromkeys(("pointer", "seen", "wanted"), words)]}
    for given in (problem, {"detail": words}, {"title": words}, {"code": words}):
        refusal = read_problem(msgspec.json.encode(given), 418)
        for text in (str(Refused(refusal)), Refused(refusal).user_message, refusal.request_id, refusal.text()):
            assert text.isprintable(), text
        assert "verdict: valid" in refusal.text(), "nothing else is taken away"


def test_no_error_acts_on_whoever_prints_it() -> None:
    """Whatever an error of the SDK quotes, and of whom."""
    error = HanseError("said \x1b[2J\x9b1m\u202eby another\nof two lines", "Do \x1b]0;x\x07this.")
    assert str(error) == "said \ufffd[2J\ufffd1m\ufffdby another\nof two lines Do \ufffd]0;x\ufffdthis."
