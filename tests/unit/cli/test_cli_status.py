"""What `hanse node status` makes of a node's own word on whether it takes records."""

import pytest

from hanse_cli.commands.node import read_readiness
from hanse_client.base.errors import NodeUnreachable
from hanse_io.outgoing import Answer

URL = "http://localhost:8080/"


@pytest.mark.parametrize(
    ("answer", "ready", "words"),
    [
        (Answer(200, {}, b'{"status":"ready"}'), True, "yes"),
        (Answer(200, {}, b'{"status":"ready","warnings":["a key ends"]}'), True, "yes; a key ends"),
        (Answer(503, {}, b'{"status":"not ready","reason":"the disk is full"}'), False, "no: the disk is full"),
        (Answer(503, {}, b"<html>"), False, "no: it answers with the status 503, and no reason"),
        (Answer(200, {}, b'{"status":"live"}'), False, "no: live"),
        (NodeUnreachable("The node does not answer.", "Try again."), False, "no: The node does not answer."),
    ],
)
def test_the_reason_is_the_node_s_own(answer: Answer | NodeUnreachable, ready: bool, words: str) -> None:
    """A node that takes no records says why with 503; the status alone would help nobody."""
    readiness = read_readiness(URL, answer)
    assert (readiness.node, readiness.ready, readiness.words) == (URL, ready, words)
