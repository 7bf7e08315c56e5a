"""What a member's engine is asked for others is written anew, from a closed form."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.values.errors import Malformed
from hanse_node.comet.questions import QUESTION_BYTES, ask, number_answer, read_question, read_result, write_question

METHODS = ("block", "commit", "consensus_params", "header", "health", "status", "validators")


def asked(**changed: object) -> bytes:
    """Write a question that is allowed, changed."""
    question = {"jsonrpc": "2.0", "id": 7, "method": "commit", "params": {"height": "5"}} | changed
    return json.dumps(question).encode()


@pytest.mark.parametrize("method", METHODS)
def test_what_followers_know_may_be_asked(method: str) -> None:
    """Each method of the closed list; what goes to the engine is canonical, under a number of our own."""
    found = read_question(asked(method=method, params={}))
    assert found.number == 7
    assert json.loads(write_question(found)) == {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}


def test_parameters_are_carried_over() -> None:
    """As CometBFT's own client writes them, numbers as texts."""
    found = read_question(asked(method="validators", params={"height": "12", "page": "2", "per_page": "100"}))
    assert json.loads(write_question(found))["params"] == {"height": "12", "page": "2", "per_page": "100"}
    assert write_question(ask("commit", height="5")) == write_question(read_question(asked()))


@pytest.mark.parametrize(
    "question",
    [
        # Go reads keys in any case, and the last of several: so `health` here, and another method there.
        b'{"jsonrpc":"2.0","id":1,"method":"health","METHOD":"broadcast_tx_commit","params":{}}',
        b'{"jsonrpc":"2.0","id":1,"METHOD":"net_info","method":"health"}',
        b'{"jsonrpc":"2.0","id":1,"method":"health","m\\u0065thod":"unsafe_flush_mempool"}',
        b'{"jsonrpc":"2.0","id":1,"method":"health","method":"dump_consensus_state"}',
        b'{"jsonrpc":"2.0","id":1,"method":"health","Params":{"height":"1"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"commit","params":{"height":"1","HEIGHT":"2"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"commit","params":{"\\u017fheight":"1"}}',
        asked(method="net_info"),
        asked(method="genesis"),
        asked(method="broadcast_tx_sync", params={"tx": ""}),
        asked(method="abci_query", params={"path": "/p2p/filter/id/x"}),
        asked(method=["health"]),
        asked(method="health\0"),
        asked(method="h" * 200),
        asked(params=["5"]),
        asked(params={"height": 5}),
        asked(params={"height": "0"}),
        asked(params={"height": "-1"}),
        asked(params={"height": "05"}),
        asked(params={"height": "9" * 19}),
        asked(params={"height": None}),
        asked(params={"height": "5", "prove": True}),
        asked(params={"height": "5\n"}),
        asked(method="health", params={"height": "5"}),
        asked(id="1"),
        asked(id=1.5),
        asked(id=2**40),
        asked(id=None),
        asked(jsonrpc="1.0"),
        asked(more=1),
        b"[" + asked() + b"," + asked() + b"]",
        b"[]",
        b"",
        b"null",
        b"\xff",
        b'{"jsonrpc":"2.0","id":1,"method":"health"',
        asked() + asked(),
        b'{"jsonrpc":"2.0","id":1,"method":"health","params":' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        asked(params={"height": "5", "x": "x" * QUESTION_BYTES}),
    ],
)
def test_any_other_form_is_refused(question: bytes) -> None:
    """Keys in another case or twice, lists, batches, escapes, what is nested or huge: none of it reaches the engine."""
    try:
        found = write_question(read_question(question))
    except Malformed:
        return
    # Of two keys that are quite alike either may count, for what is sent on names the method that was judged.
    sent = json.loads(found)
    assert sent["method"] in METHODS
    assert question.count(b'"method"') == 2


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_text_of_a_question_is_passed_on(document: object) -> None:
    """Whatever JSON it is: refused, or what is sent is one of few forms."""
    for question in (document, {"jsonrpc": "2.0", "id": 1, "method": "commit", "params": document}):
        try:
            sent = json.loads(write_question(read_question(msgspec.json.encode(question))))
        except (Malformed, msgspec.ValidationError):
            continue
        assert set(sent) == {"jsonrpc", "id", "method", "params"}
        assert sent["method"] in METHODS
        assert all(key in ("height", "page", "per_page") and value.isdigit() for key, value in sent["params"].items())


def test_answers_are_numbered_anew() -> None:
    """The engine's light client gets its own number back; what is no answer is not passed on."""
    assert json.loads(number_answer(b'{"jsonrpc":"2.0","id":1,"result":{"a":[1]}}', 42)) == {
        "jsonrpc": "2.0",
        "id": 42,
        "result": {"a": [1]},
    }
    for wrong in (b"", b"[]", b'{"id":1}', b'{"jsonrpc":"2.0","id":"1","result":{}}'):
        with pytest.raises(Malformed):
            number_answer(wrong, 1)


def test_results_are_read() -> None:
    """An error's answer, and one without a result, is no result."""
    assert read_result(b'{"jsonrpc":"2.0","id":1,"result":{"a":1}}') == {"a": 1}
    for wrong in (b'{"jsonrpc":"2.0","id":1,"error":{"code":-1}}', b'{"result":[]}', b"x", b"[" * 100_000):
        with pytest.raises(Malformed):
            read_result(wrong)
