"""DSSE envelopes: what is signed, and which envelopes are malformed."""

import json
from typing import Any

import pytest
from nacl.signing import VerifyKey

from hanse_ledger.records.envelope import PAYLOAD_TYPE, open_decoded, open_envelope, pre_authentication, seal
from hanse_ledger.records.record import encode_record
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from tests.tables.reference import pack, unordered, unpack
from tests.world.corridor import Corridor, sign
from tests.world.corridor_genesis import key_of, public

SIGNED = sign(Corridor().make.enrolment("new"), "market", "new")
PAYLOAD = encode_record(SIGNED.record)
SIGNATURES = tuple(signature.sig for signature in SIGNED.envelope.signatures)
DATA = seal(PAYLOAD, SIGNATURES)


def test_pre_authentication_follows_dsse() -> None:
    """The example of the DSSE protocol gives its published bytes."""
    assert pre_authentication(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_count_bytes() -> None:
    """The type's length is that of its UTF-8 bytes, and an empty payload has length 0."""
    assert pre_authentication(b"", "é") == b"DSSEv1 2 \xc3\xa9 0 "


def test_each_signature_is_over_the_pre_authentication() -> None:
    """Any Ed25519 library can check a record: key, message and signature are all there."""
    message = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(PAYLOAD)} ".encode() + PAYLOAD
    for key, signature in zip(SIGNED.record.signers, SIGNATURES, strict=True):
        VerifyKey(key[1:]).verify(message, signature)


def test_opening_gives_what_was_sealed() -> None:
    """The record, its id and its signatures in order come back."""
    opened = open_envelope(DATA)
    assert opened == SIGNED
    assert opened == open_decoded(opened.envelope)
    assert opened.record.signers == (public("market"), public("new"))


def test_envelope_is_the_map_of_dsse() -> None:
    """On the wire stand `payload`, `payloadType` and `signatures`, a map with `sig` each."""
    assert unpack(DATA) == {
        "payload": PAYLOAD,
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": signature} for signature in SIGNATURES],
    }


PLAIN: dict[str, Any] = unpack(DATA)
ONE = {"sig": SIGNATURES[0]}


MALFORMED: list[tuple[bytes, str]] = [
    (b"", ""),
    (DATA[:-1], ""),
    (DATA + b"\0", ""),
    (unordered(PLAIN), ""),
    (json.dumps({"payload": ""}).encode(), ""),
    (pack({**PLAIN, "more": 1}), ""),
    (pack({key: value for key, value in PLAIN.items() if key != "payloadType"}), ""),
    (pack({**PLAIN, "payloadType": "application/json"}), "/payloadType"),
    (pack({**PLAIN, "payloadType": PAYLOAD_TYPE.upper()}), "/payloadType"),
    (pack({**PLAIN, "payload": PAYLOAD[:-1]}), ""),
    (pack({**PLAIN, "payload": PAYLOAD.hex()}), "/payload"),
    (pack({**PLAIN, "payload": bytes(limits.RECORD_BYTES + 1)}), "/payload"),
    (pack({**PLAIN, "signatures": []}), "/signatures"),
    (pack({**PLAIN, "signatures": [ONE]}), "/signatures"),
    (pack({**PLAIN, "signatures": [ONE] * 3}), "/signatures"),
    (pack({**PLAIN, "signatures": [ONE] * (limits.SIGNERS + 1)}), "/signatures"),
    (pack({**PLAIN, "signatures": [ONE, {"sig": bytes(limits.SIGNATURE_BYTES + 1)}]}), "/signatures/1/sig"),
    (pack({**PLAIN, "signatures": [{**ONE, "keyid": b""}, ONE]}), "/signatures/0"),
    (pack({**PLAIN, "signatures": [SIGNATURES[0], ONE]}), "/signatures/0"),
]


@pytest.mark.parametrize(("data", "pointer"), MALFORMED, ids=map(str, range(len(MALFORMED))))
def test_malformed_envelope_is_refused(data: bytes, pointer: str) -> None:
    """Whatever is not exactly an envelope around a record of as many signers is malformed."""
    with pytest.raises(Malformed) as caught:
        open_envelope(data)
    assert caught.value.pointer == pointer


def test_envelope_has_a_bound() -> None:
    """Limits come first: what is too large is not even decoded."""
    with pytest.raises(Malformed, match=f"at most {limits.ENVELOPE_BYTES} are allowed"):
        open_envelope(bytes(limits.ENVELOPE_BYTES + 1))


def test_signing_is_deterministic() -> None:
    """Ed25519 gives one signature for one key and message, so that the corridor is the same in every run."""
    assert key_of("market").sign(pre_authentication(PAYLOAD)).signature == SIGNATURES[0]
