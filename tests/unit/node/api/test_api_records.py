"""Records on their way in over HTTP, and where they stand."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hanse_ledger.kinds.reasons import REASON_NAMED
from hanse_ledger.kinds.refusals import EXPIRED, SIGNATURE_INVALID, SIGNER_KEY_REVOKED
from hanse_ledger.misbehaviour.refusalfile import check_refusal, read_signed, refusal_file
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.entry import RECORD, RecordEntry
from hanse_ledger.records.envelope import Signed, open_envelope, seal
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import range_root
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from hanse_node.base.bounds import BODY_BYTES
from hanse_node.base.config import Limits
from tests.world.front import BATCH, ONE, Front, front
from tests.world.node_ledger import GENESIS, HOUR, MARKET, PARTIES, START, enrol, invoice, key_of, look, revoke, sign

BUYER = enrol("buyer")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which a seller and a buyer are enrolled."""
    with front(tmp_path / "node") as running:
        running.must_stand(PARTIES)
        yield running


def forge(signed: Signed) -> Signed:
    """Put another record's signature under a record."""
    other = invoice(999).envelope.signatures[0].sig
    return open_envelope(seal(signed.envelope.payload, (other,)))


def rebuild(signed: Signed, result: dict[str, Any]) -> bytes:
    """Make the entry again from one's own envelope and what the node says of its place."""
    previous = bytes.fromhex(result["previous"])
    place = (result["position"], previous, result["height"], result["time"])
    return encode(RecordEntry(RECORD, *place, signed.envelope))


def dsse(signed: Signed, **changes: Any) -> bytes:
    """Write an envelope in the JSON form of DSSE."""
    envelope = {
        "payload": b64encode(signed.envelope.payload).decode(),
        "payloadType": signed.envelope.payload_type,
        "signatures": [
            {"keyid": key.hex(), "sig": b64encode(each.sig).decode()}
            for key, each in zip(signed.record.signers, signed.envelope.signatures, strict=True)
        ],
    }
    return msgspec.json.encode(envelope | changes)


def test_a_refusal_is_signed_where_proofs_are_asked_for(node: Front) -> None:
    """So that it can be shown; but for a record that nobody has signed, or that was made for another ledger."""
    unsigned, elsewhere = forge(invoice(2)), sign(invoice(1).record.body, key_of("seller"), ledger=bytes(32))
    node.must_stand([invoice(1)])
    late = sign(invoice(1).record.body, key_of("seller"), nonce="late", expires=START)
    sent = (late, unsigned, elsewhere)
    results = node.results(*sent, query="?proof=true")
    assert [each["outcome"] for each in results] == ["refused"] * 3
    assert [("signed" in each["problem"]) for each in results] == [True, False, False]
    signed = read_signed(bytes.fromhex(results[0]["problem"]["signed"]))
    report = check_refusal(refusal_file(encode(late.envelope), signed), TrustFile(GENESIS))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert "rule G-1" in report.detail
    assert all("signed" not in each["problem"] for each in node.results(*sent))


def test_a_batch_is_answered_record_by_record(node: Front) -> None:
    """Whatever becomes of one record in a batch, the others have their own results, in order."""
    results = node.results(invoice(1), BUYER, forge(invoice(2)), b"\x80", invoice(3))
    assert [each["outcome"] for each in results] == ["created", "exists", "refused", "malformed", "created"]
    assert [each.get("id") for each in results] == [
        invoice(1).id.hex(),
        BUYER.id.hex(),
        invoice(2).id.hex(),
        None,
        invoice(3).id.hex(),
    ]
    assert results[2]["problem"]["code"] == SIGNATURE_INVALID.value
    assert results[2]["problem"]["rule"] == "G-4"
    assert results[3]["problem"]["code"] == "malformed"
    assert {"position", "previous", "envelope"}.isdisjoint(results[3])
    assert "ranges" not in node.batch(invoice(1)).json()


def test_every_result_is_proven_under_the_answers_head(node: Front) -> None:
    """With proof=true, a sender that trusts nothing rebuilds its entries and finds them under the signed root."""
    sent = [invoice(number) for number in range(40)]
    node.must_stand(sent[:7])
    answer = node.batch(*sent, query="?proof=true").json()
    head = parse_checkpoint(parse_note(answer["checkpoint"].encode()).text)
    assert answer["size"] == head.size == node.store.head.size
    leaves = {}
    for signed, result in zip(sent, answer["results"], strict=True):
        entry = rebuild(signed, result)
        leaves[result["position"]] = hash_leaf(entry)
        assert look(node.store).entry(result["position"]) == entry
    # The first seven stood before, and a state entry lies between them and the rest.
    assert len(answer["ranges"]) == 2
    for proven in answer["ranges"]:
        path = [bytes.fromhex(step) for step in proven["path"]]
        known = [leaves.pop(position) for position in range(proven["start"], proven["end"])]
        assert range_root(known, proven["start"], head.size, path) == head.root
    assert leaves == {}


def test_what_stood_already_shows_the_stored_envelope(node: Front) -> None:
    """A record that exists comes with the envelope that stands, from which its entry can be rebuilt."""
    (result,) = node.results(BUYER, query="?proof=true")
    assert result["outcome"] == "exists"
    assert bytes.fromhex(result["envelope"]) == encode(BUYER.envelope)
    assert "envelope" not in node.results(BUYER)[0]


def test_one_record_is_answered_by_its_status(node: Front) -> None:
    """A single record gives 201 when it comes to stand, 200 when it stood, and its refusal or flaw as a problem."""
    envelope = encode(invoice(1).envelope)
    assert node.post(envelope, ONE).status_code == 201
    again = node.post(envelope, ONE)
    assert (again.status_code, again.json()["results"][0]["outcome"]) == (200, "exists")
    refused = node.post(encode(forge(invoice(2)).envelope), f"{ONE}; charset=binary")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    flawed = node.post(envelope + b"\x00", ONE)
    assert (flawed.status_code, flawed.headers["content-type"]) == (400, "application/problem+json")


def test_a_refusal_says_everything(node: Front) -> None:
    """A refusal names the rule, the field, what was seen and wanted, and says what to do, in words."""
    node.must_stand([revoke("seller")])
    problem = node.post(encode(invoice(1).envelope), ONE).json()
    words = SIGNER_KEY_REVOKED
    assert problem["type"] == "urn:hanse:problem:signer-key-revoked"
    assert (problem["status"], problem["code"], problem["rule"]) == (422, "signer-key-revoked", "P-4")
    assert (problem["user_message"], problem["suggested_action"]) == (words.message, words.action)
    assert problem["errors"][0]["pointer"] == "/signers/0"
    assert problem["errors"][0]["seen"] == invoice(1).record.signers[0].hex()
    assert problem["request_id"]
    assert "P-4 refuses the invoice.issue" in problem["detail"]


@pytest.mark.parametrize("keyed", [True, False])
def test_the_json_form_is_the_same_record(node: Front, *, keyed: bool) -> None:
    """An envelope in the JSON form of DSSE, with key ids or without, is the record that its MessagePack form is."""
    data = msgspec.json.decode(dsse(invoice(1)))
    if not keyed:
        for signature in data["signatures"]:
            del signature["keyid"]
    answer = node.post(msgspec.json.encode(data), "application/json")
    assert (answer.status_code, answer.json()["results"][0]["id"]) == (201, invoice(1).id.hex())
    assert node.results(invoice(1))[0]["outcome"] == "exists"


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'{"payload": "AAAA"}',
        dsse(invoice(1), payloadType="text/plain"),
        dsse(invoice(1), payload="not base64!"),
        dsse(invoice(1), signatures=[]),
        dsse(invoice(1), signatures=[{"keyid": "00", "sig": "AAAA"}]),
        dsse(invoice(1), signatures=[{"keyid": invoice(1).record.signers[0].hex(), "sig": "AAAA"}] * 2),
    ],
)
def test_a_wrong_json_form_is_malformed(node: Front, data: bytes) -> None:
    """JSON that is no DSSE envelope, or whose key ids are not the signers', is malformed, never an error of ours."""
    answer = node.post(data, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode([]),
        msgspec.msgpack.encode(["text"]),
        msgspec.msgpack.encode({"a": b""}),
        msgspec.msgpack.encode([b""] * (limits.BATCH_RECORDS + 1)),
        msgspec.msgpack.encode([bytes(limits.ENVELOPE_BYTES + 1)]),
    ],
)
def test_a_wrong_batch_is_malformed(node: Front, data: bytes) -> None:
    """A batch is an array of 1 to 1,000 byte strings that may be envelopes; anything else is refused whole."""
    answer = node.post(data, BATCH)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_batch_of_malformed_records_is_answered(node: Front) -> None:
    """A batch of which nothing reaches the engine still has its results, under the present head."""
    answer = node.batch(b"\x00", b"").json()
    assert [each["outcome"] for each in answer["results"]] == ["malformed", "malformed"]
    assert answer["size"] == node.store.head.size


def test_other_bodies_are_not_read(node: Front) -> None:
    """A body of another media type is refused before it is read."""
    answer = node.post(b"x", "text/plain")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_a_body_is_bounded_by_what_it_says(node: Front) -> None:
    """A body that says that it is too large is refused at once."""
    answer = node.post(bytes(BODY_BYTES + 1), ONE)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_body_is_bounded_by_what_it_is(node: Front) -> None:
    """A body that does not say its length is refused when it has become too large, and not kept."""
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1024):
            read += 1
            yield bytes(64 * 1024)

    answer = node.post(chunks(), ONE)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert read <= BODY_BYTES // (64 * 1024) + 2


def test_a_full_queue_is_busy(tmp_path: Path) -> None:
    """More records than may wait are refused with 503 and the advice to come back, and change nothing."""
    with front(tmp_path / "node", limits=Limits(queue_records=1)) as node:
        answer = node.batch(*PARTIES)
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
        assert node.store.head.size == 1


def test_a_stopped_engine_is_unavailable(node: Front) -> None:
    """When the engine takes nothing more, senders and probes are told so, and readers are still answered."""
    node.engine.stop()
    answer = node.batch(invoice(1))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    ready = node.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "reason": "the engine is stopping"})
    assert node.get("/livez").json() == {"status": "live"}
    assert node.get(f"/v1/records/{BUYER.id.hex()}").status_code == 200


def test_a_record_is_shown_in_its_place(node: Front) -> None:
    """A record comes with its place, its entry's bytes and its envelope, all of which fit each other."""
    view = node.get(f"/v1/records/{BUYER.id.hex()}").json()
    assert (view["id"], view["kind"], view["position"]) == (BUYER.id.hex(), "party.enrol", 2)
    assert bytes.fromhex(view["entry"]) == look(node.store).entry(2)
    assert view["envelope"] == msgspec.json.decode(dsse(BUYER))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/v1/records/{'0' * 64}", 404, "not-found"),
        (f"/v1/records/{'0' * 64}/proof", 404, "not-found"),
        (f"/v1/records/{'0' * 63}", 400, "malformed"),
        (f"/v1/records/{BUYER.id.hex().upper()}", 400, "malformed"),
        ("/v1/nothing", 404, "not-found"),
        ("/v1/records", 405, "method-not-allowed"),
    ],
)
def test_what_is_not_there_is_a_problem(node: Front, path: str, status: int, code: str) -> None:
    """An unknown record, an id that is none, an unknown path and a wrong method are told apart."""
    answer = node.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_ledger_ahead_of_the_present_is_named(tmp_path: Path) -> None:
    """A clock that was ahead once: refusals say so, and whose it was, and /readyz does until the present is there."""
    now = [START + 23 * HOUR]
    with front(tmp_path / "node", clock=lambda: now[0]) as node:
        node.must_stand([enrol("seller")])
        assert "warnings" not in node.get("/readyz").json()
        now[0] = START + HOUR
        (warning,) = node.get("/readyz").json()["warnings"]
        assert "22 hours ahead" in warning
        assert "the clock of market's node was ahead" in warning
        late = sign(enrol("buyer").record.body, MARKET, key_of("buyer"), nonce="late", expires=START + 2 * HOUR)
        (result,) = node.results(late)
        problem = result["problem"]
        assert problem["code"] == "expired"
        assert problem["suggested_action"] == warning
        again = enrol("seller")
        (other,) = node.results(sign(again.record.body, MARKET, key_of("seller"), nonce="again"))
        words = REASON_NAMED[other["problem"]["code"]]
        assert other["problem"]["suggested_action"] == f"{words.action} {warning}"
        now[0] = START + 23 * HOUR
        assert "warnings" not in node.get("/readyz").json()
        (result,) = node.results(late)
        assert result["problem"]["suggested_action"] == EXPIRED.action
