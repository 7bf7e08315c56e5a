"""What a person reads, or pastes: spans and moments in their units, ids whole."""

import re

import pytest

from hanse_ledger.values.moments import span_words
from tests.conftest import ROOT

CUT = re.compile(r"hex\(\)\[:|\]\}…")
"""How an id is cut for show."""

ELSEWHERE = {
    "client/hanse_cli/demo/checks.py": "the demonstration tells a story; its files hold the ids",
    "client/hanse_cli/demo/story.py": "likewise",
    "client/hanse_cli/with_node/auditing.py": "a file's name",
    "client/hanse_client/home/identity.py": "a fingerprint, and what `repr` shows",
    "client/hanse_client/home/keyfile.py": "a name in an X.509 request",
    "client/hanse_client/home/knowledge.py": "a file's name",
    "client/hanse_client/exchange/session.py": "a file's name",
    "ledger/hanse_ledger/misbehaviour/double_vote.py": "an engine's own name of the ledger",
    "node/hanse_node/peers/evidences.py": "a file's name",
}


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 seconds"),
        (5, "0.005 seconds"),
        (1_000, "1 second"),
        (1_250, "1.25 seconds"),
        (1_999, "1.999 seconds"),
        (2_000, "2 seconds"),
        (119_999, "119 seconds"),
        (120_000, "2 minutes"),
        (86_400_000, "24 hours"),
        (7 * 86_400_000, "7 days"),
    ],
)
def test_spans_are_read_in_their_units(milliseconds: int, words: str) -> None:
    """No span is told in milliseconds."""
    assert span_words(milliseconds) == words


def test_no_words_cut_an_id() -> None:
    """An id that a refusal, a verdict or a notice names can be pasted; where one is cut, it is no words for that."""
    cut = {
        str(path.relative_to(ROOT))
        for package in ("ledger", "client", "node")
        for path in (ROOT / package).rglob("*.py")
        if CUT.search(path.read_text())
    }
    assert cut - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() - cut == set()
