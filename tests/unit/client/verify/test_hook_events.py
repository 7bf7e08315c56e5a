"""What a webhook's receiver takes: only what its node has signed, of now, and of its ledger."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hmac import compare_digest

import pytest
from standardwebhooks.webhooks import Webhook

from hanse_client import WebhookEvent, WebhookVerifier, errors
from hanse_client.verify import hookevents
from hanse_node.webhooks.signing import Scheme, headers, make_secret, public_key

SECRET, PAIR = make_secret(Scheme.HMAC), make_secret(Scheme.ED25519)
NOW = 1_800_000_000
LEDGER = "ab" * 32
EVENT = {
    "specversion": "1.0",
    "id": "cd" * 32,
    "source": f"urn:hanse:{LEDGER}",
    "type": "hanse.invoice.issue",
    "subject": "ef" * 32,
    "time": "2026-12-01T10:00:00.000Z",
    "datacontenttype": "application/json",
    "data": {"position": 7, "kind": "invoice.issue", "objects": ["ef" * 32]},
}
BODY = json.dumps(EVENT).encode()


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """A present of this test's."""
    monkeypatch.setattr(hookevents, "now_ms", lambda: NOW * 1_000)


def message(*secrets: str, at: int = NOW, body: bytes = BODY, name: str = "cd" * 32) -> dict[str, str]:
    """Give the headers of a message that some secrets sign."""
    return dict(headers(secrets or (SECRET,), name, at, body))


@pytest.mark.parametrize(
    ("keys", "secrets"),
    [
        ([SECRET], [SECRET]),
        ([public_key(PAIR)], [PAIR]),
        ([SECRET, public_key(PAIR)], [PAIR]),
        ([SECRET], [PAIR, SECRET]),
        ([public_key(PAIR)], [PAIR, SECRET]),
    ],
    ids=["hmac", "pair", "either", "old-one", "new-one"],
)
def test_what_its_node_signed_is_taken(keys: list[str], secrets: list[str]) -> None:
    """By either scheme, and by old and new receivers while a secret takes another's place; header names in any case."""
    fields = {name.title(): text for name, text in message(*secrets).items()}
    event = WebhookVerifier(*keys, ledger=LEDGER).verify(BODY, fields)
    assert event == WebhookEvent(
        id="cd" * 32,
        type="hanse.invoice.issue",
        source=f"urn:hanse:{LEDGER}",
        time="2026-12-01T10:00:00.000Z",
        data=EVENT["data"],  # type: ignore[arg-type]  # an object of JSON
        subject="ef" * 32,
    )
    assert not event.is_trial


def test_it_agrees_with_the_reference_library() -> None:
    """What Standard Webhooks' own library signs is taken; and the published example's signature is recognised."""
    at = datetime.fromtimestamp(NOW, UTC)
    signature = Webhook(SECRET).sign("cd" * 32, at, BODY.decode())
    fields = {"webhook-id": "cd" * 32, "webhook-timestamp": str(NOW), "webhook-signature": signature}
    assert WebhookVerifier(SECRET).verify(BODY, fields).data["position"] == 7
    example = WebhookVerifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    known = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert example._signed(signed, known)
    assert example._signed(signed, f"v1,bm9uZQ== v2,AAAA {known}")
    assert not example._signed(signed + b" ", known)


WRONG: Mapping[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "id": lambda fields: {**fields, "webhook-id": "ce" * 32},
    "time": lambda fields: {**fields, "webhook-timestamp": str(NOW - 1)},
    "no-id": lambda fields: {**fields, "webhook-id": ""},
    "no-time": lambda fields: {**fields, "webhook-timestamp": "now"},
    "negative": lambda fields: {**fields, "webhook-timestamp": f"-{NOW}"},
    "digits": lambda fields: {**fields, "webhook-timestamp": "١٨٠٠٠٠٠٠٠٠"},
    "no-signature": lambda fields: {name: text for name, text in fields.items() if name != "webhook-signature"},
    "scheme": lambda fields: {**fields, "webhook-signature": fields["webhook-signature"].replace("v1,", "v1a,")},
    "letters": lambda fields: {**fields, "webhook-signature": "v1,***"},
    "foreign": lambda fields: {**fields, "webhook-signature": "v1,\u00fc"},
    "empty": lambda fields: {**fields, "webhook-signature": "v1,"},
    "many": lambda fields: {**fields, "webhook-signature": "v1,AAAA " * 1_000 + fields["webhook-signature"]},
    "other": lambda fields: {**fields, **message(make_secret(Scheme.HMAC))},
    "old": lambda _: message(at=NOW - 301),
    "early": lambda _: message(at=NOW + 301),
    "dot": lambda fields: {**fields, "webhook-id": f"{'cd' * 32}.{NOW}", "webhook-timestamp": str(NOW)},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_so_signed_is_refused(wrong: str) -> None:
    """Each part counts: id, time, body, scheme; and too old is as little taken as too new."""
    fields = WRONG[wrong](message())
    for verifier in (WebhookVerifier(SECRET), WebhookVerifier(SECRET, public_key(PAIR))):
        with pytest.raises(errors.WebhookRefused):
            verifier.verify(BODY, fields)


def test_another_body_is_refused() -> None:
    """Also the same said otherwise; and a megabyte at most is looked at."""
    for body in (BODY + b" ", json.dumps(EVENT, indent=1).encode(), b"", bytes(2**20 + 1)):
        with pytest.raises(errors.WebhookRefused):
            WebhookVerifier(SECRET).verify(body, message())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**EVENT, "source": f"urn:hanse:{'00' * 32}"}, "another ledger"),
        ({**EVENT, "id": "00" * 32}, "names another event"),
        ({**EVENT, "specversion": "2.0"}, "no event"),
        ([], "no event"),
    ],
    ids=["ledger", "id", "version", "list"],
)
def test_signed_it_may_still_be_something_else(body: object, said: str) -> None:
    """Of another ledger, under another id, or no event at all."""
    data = json.dumps(body).encode()
    with pytest.raises(errors.WebhookRefused, match=said):
        WebhookVerifier(SECRET, ledger=bytes.fromhex(LEDGER)).verify(data, message(body=data))


def test_the_edge_of_the_tolerance() -> None:
    """Five minutes to either side, the last second too; or what the receiver says."""
    for at in (NOW - 300, NOW + 300):
        WebhookVerifier(SECRET).verify(BODY, message(at=at))
    with pytest.raises(errors.WebhookRefused, match="11 seconds old"):
        WebhookVerifier(SECRET, tolerance_seconds=10).verify(BODY, message(at=NOW - 11))


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [""],
        ["whsec_"],
        ["whsec_***"],
        ["whsec_" + b64encode(b"short").decode()],
        ["whpk_" + b64encode(bytes(31)).decode()],
        ["whpk_" + b64encode(bytes(33)).decode()],
        [PAIR],
        [SECRET] * 9,
    ],
    ids=["none", "empty", "bare", "letters", "short", "short-key", "long-key", "private", "many"],
)
def test_what_is_no_key_is_refused_at_once(keys: list[str]) -> None:
    """Before anything has come; what was given is not quoted."""
    with pytest.raises(errors.InvalidInput) as refused:
        WebhookVerifier(*keys)
    assert PAIR not in str(refused.value)


def test_every_signature_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many comparisons whichever key it was: the time taken tells nothing."""
    counted: list[bytes] = []

    def counting(ours: bytes, theirs: bytes) -> bool:
        counted.append(ours)
        return compare_digest(ours, theirs)

    monkeypatch.setattr(hookevents, "compare_digest", counting)
    others = [make_secret(Scheme.HMAC) for _ in range(2)]
    for keys in ([SECRET, *others], [*others, SECRET]):
        counted.clear()
        WebhookVerifier(*keys).verify(BODY, message(others[0], SECRET))
        assert len(counted) == 6


def test_a_small_order_key_signs_nothing() -> None:
    """A public key of small order would verify this signature over anything."""
    forged = b"\x01" + bytes(63)
    fields = {**message(), "webhook-signature": "v1a," + b64encode(forged).decode()}
    with pytest.raises(errors.WebhookRefused):
        WebhookVerifier("whpk_" + b64encode(b"\x01" + bytes(31)).decode()).verify(BODY, fields)
