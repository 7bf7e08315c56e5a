"""Messages are signed as Standard Webhooks says: its own library, and PyNaCl, verify them."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hanse_ledger.values.errors import Malformed
from hanse_node.base.errors import CannotStart
from hanse_node.webhooks.secretfiles import (
    SecretsFull,
    drop_ended,
    read_secrets,
    remove_secret,
    rotate_secret,
    secret_file,
    write_secret,
)
from hanse_node.webhooks.signing import Scheme, check_secret, headers, make_secret, public_key

BODY = b'{"test": 2432232314}'


@pytest.fixture(name="now")
def _now() -> int:
    """The present: a receiver takes what is at most five minutes old."""
    return int(datetime.now(UTC).timestamp())


def test_the_published_example_is_met() -> None:
    """The library's own example of a signature is what comes out here."""
    secret, message, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    assert dict(headers([secret], message, at, BODY))["webhook-signature"] == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_the_standard_library_verifies(now: int) -> None:
    """With the secret, and only the very bytes, id and time."""
    secret = make_secret(Scheme.HMAC)
    signed = dict(headers([secret], "id-1", now, BODY))
    assert Webhook(secret).verify(BODY, signed) == {"test": 2432232314}
    for wrong in (signed | {"webhook-id": "id-2"}, signed | {"webhook-timestamp": str(now + 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret(Scheme.HMAC)).verify(BODY, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", signed)


def test_a_key_pair_signs_for_whoever_has_the_public_key(now: int) -> None:
    """`v1a` is Ed25519 over the same text; the public key is 32 bytes behind `whpk_`."""
    secret = make_secret(Scheme.ED25519)
    version, _, signature = dict(headers([secret], "id-1", now, BODY))["webhook-signature"].partition(",")
    assert version == "v1a"
    key = public_key(secret)
    assert key.startswith("whpk_")
    verifier = VerifyKey(b64decode(key.removeprefix("whpk_")))
    verifier.verify(f"id-1.{now}.".encode() + BODY, b64decode(signature))
    with pytest.raises(BadSignatureError):
        verifier.verify(f"id-2.{now}.".encode() + BODY, b64decode(signature))
    assert public_key(make_secret(Scheme.HMAC)) == ""


def test_secrets_are_never_the_same() -> None:
    """Each webhook has one of its own, of 32 random bytes."""
    made = {make_secret(scheme) for scheme in Scheme for _ in range(8)}
    assert len(made) == 16
    assert len(b64decode(make_secret(Scheme.HMAC).removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    "wrong", ["", "abc", "whsec_", "whsec_***", "whsec_" + b64encode(b"short").decode(), "whsk_AAAA", "whpk_AAAA"]
)
def test_what_is_no_secret_is_refused(wrong: str) -> None:
    """Another prefix, other letters, too few bytes."""
    with pytest.raises(Malformed):
        check_secret(wrong)


def test_secrets_lie_in_files_of_their_own(tmp_path: Path) -> None:
    """Mode 0600; one that others can read, that is missing or damaged is refused, and what to do is said."""
    secret = make_secret(Scheme.HMAC)
    write_secret(tmp_path, "erp", secret)
    path = secret_file(tmp_path, "erp")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_secrets(tmp_path, "erp").newest == secret
    path.chmod(0o640)
    with pytest.raises(CannotStart, match="read by other users"):
        read_secrets(tmp_path, "erp")
    path.chmod(0o600)
    path.write_bytes(b"whsec_\xff")
    with pytest.raises(CannotStart, match="damaged"):
        read_secrets(tmp_path, "erp")
    for _ in range(2):
        remove_secret(tmp_path, "erp")
    with pytest.raises(CannotStart, match="cannot be read"):
        read_secrets(tmp_path, "erp")


def test_both_secrets_sign_while_one_takes_the_others_place(tmp_path: Path, now: int) -> None:
    """A receiver that knows either verifies; from the end on the old one signs nothing, and lies nowhere."""
    old, new, at = make_secret(Scheme.HMAC), make_secret(Scheme.ED25519), now * 1_000
    write_secret(tmp_path, "erp", old)
    kept = rotate_secret(tmp_path, "erp", new, at, at + 5)
    assert kept == read_secrets(tmp_path, "erp")
    assert secret_file(tmp_path, "erp").stat().st_mode & 0o777 == 0o600
    signed = dict(headers(kept.counting(at + 4), "id-1", now, BODY))
    newest, older = signed["webhook-signature"].split(" ")
    assert (newest[:4], older[:3]) == ("v1a,", "v1,")
    assert Webhook(old).verify(BODY, signed) == {"test": 2432232314}
    assert (kept.counting(at + 5), kept.ended(at + 4), kept.ended(at + 5)) == ((new,), False, True)
    assert old in secret_file(tmp_path, "erp").read_text()
    assert drop_ended(tmp_path, "erp", at + 5).older == ()
    assert old not in secret_file(tmp_path, "erp").read_text()


def test_secrets_that_count_at_once_are_few(tmp_path: Path) -> None:
    """Three; a fourth is refused, and nothing has changed. At once is at once: then all old ones end."""
    first, *others = (make_secret(Scheme.HMAC) for _ in range(4))
    write_secret(tmp_path, "erp", first)
    for secret in others[:2]:
        rotate_secret(tmp_path, "erp", secret, 10, 100)
    before = secret_file(tmp_path, "erp").read_bytes()
    with pytest.raises(SecretsFull, match="3 secrets of erp count already"):
        rotate_secret(tmp_path, "erp", others[2], 10, 100)
    assert secret_file(tmp_path, "erp").read_bytes() == before
    # An end that was named stays the latest: to rotate again prolongs nothing.
    assert rotate_secret(tmp_path, "erp", others[2], 100, 500).older == ((others[1], 500),)
    assert rotate_secret(tmp_path, "erp", first, 200, 200).older == ()


@pytest.mark.parametrize("lines", [["OLD"], ["NEW 5"], ["NEW", "OLD"], ["NEW", "OLD x"], ["NEW", *["OLD 5"] * 3], []])
def test_a_damaged_file_of_secrets_signs_nothing(tmp_path: Path, lines: list[str]) -> None:
    """A newest without an end, older ones with theirs, three at most; every other file is refused."""
    made = {"NEW": make_secret(Scheme.HMAC), "OLD": make_secret(Scheme.HMAC)}
    write_secret(tmp_path, "erp", made["NEW"])
    text = "".join(f"{line}\n" for line in lines)
    for word, secret in made.items():
        text = text.replace(word, secret if lines != ["OLD"] else "whsec_AAAA")
    secret_file(tmp_path, "erp").write_text(text)
    with pytest.raises(CannotStart, match="damaged"):
        read_secrets(tmp_path, "erp")
