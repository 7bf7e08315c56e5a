"""Verifying what a node sends to a webhook, for its receiver: by whom it is signed, when, and for which ledger.

Source: Standard Webhooks 1.0.0, "Verifying webhook authenticity"; CloudEvents 1.0.2, its JSON event format.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from hanse_client.base.clock import SECOND_MS, now_ms
from hanse_client.base.errors import InvalidInput, WebhookRefused
from hanse_client.base.printing import Printed
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import LedgerId

TOLERANCE_SECONDS = 300
LONGEST_TOLERANCE_SECONDS = 86_400
MESSAGE_BYTES = 1024 * 1024
SIGNATURES_BYTES = 4_096
KEYS = 8
SECRET_BYTES = 24
"""The least that a secret has, as Standard Webhooks asks."""

SECRET, PUBLIC = "whsec_", "whpk_"

_SECONDS = re.compile(r"[0-9]{1,12}")
_MESSAGE_ID = re.compile(r"[!-~]{1,256}")


class WebhookEvent(Printed, frozen=True, kw_only=True):
    """What a node has told a webhook. It is a notice, and no proof: the record itself, fetched and proven, is one.

    Attributes:
        id: the record's id, 64 hexadecimal digits; the same each time it is sent. `try-…` of what only tries the hook.
        type: `hanse.` and the record's kind; `hanse.webhook.try`.
        source: the ledger, `urn:hanse:` and its id.
        subject: the id of the object whose own record it is, in hexadecimal digits; nil where it is of several.
        time: its block's time, as RFC 3339 writes it.
        data: what else is told: `position`, `kind`, `height`, `objects` and more, see docs/webhooks.md.
    """

    id: str
    type: str
    source: str
    time: str
    data: dict[str, Any]
    subject: str | None = None

    @property
    def is_trial(self) -> bool:
        """Whether it only tries the hook: nothing has happened."""
        return self.type == "hanse.webhook.try"


class _Told(Struct, frozen=True, kw_only=True):
    """A CloudEvent, as far as a receiver reads it."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=256)]
    type: Annotated[str, Meta(min_length=1, max_length=128)]
    source: Annotated[str, Meta(max_length=128)]
    time: Annotated[str, Meta(max_length=64)]
    data: dict[str, Any]
    subject: str | None = None


class WebhookVerifier:
    """Takes what a node has sent to a webhook, and nothing else. Any thread may ask; it keeps nothing.

    It does not know what has come before: keep the `id` of each event, and do nothing the second time.
    """

    def __init__(
        self, *keys: str, ledger: LedgerId | str | None = None, tolerance_seconds: int = TOLERANCE_SECONDS
    ) -> None:
        """Prepare to verify.

        Args:
            keys: what `hanse webhook add` and `rotate` have shown: secrets, `whsec_…`, and public keys, `whpk_…`; one
                of them must have signed. Two during a rotation, eight at most.
            ledger: the ledger of which alone is told, by its id; any, if nil.
            tolerance_seconds: how old a message may be, or how far its sender's clock ahead; at most a day.

        Raises:
            InvalidInput: a key is none, there are none or too many, or the tolerance is out of bounds.
        """
        if not 1 <= len(keys) <= KEYS:
            raise InvalidInput(
                f"A receiver has one to {KEYS} keys of its webhook.", "Give what hanse webhook add showed."
            )
        if not 1 <= tolerance_seconds <= LONGEST_TOLERANCE_SECONDS:
            raise InvalidInput("A message may be 1 to 86,400 seconds old.", "Five minutes are usual.")
        self._secrets = tuple(_decoded(key, SECRET) for key in keys if not key.startswith(PUBLIC))
        self._public = tuple(VerifyKey(_decoded(key, PUBLIC)) for key in keys if key.startswith(PUBLIC))
        name = ledger.hex() if isinstance(ledger, bytes) else ledger
        self._source = None if name is None else f"urn:hanse:{name}"
        self._tolerance_ms = tolerance_seconds * SECOND_MS

    def verify(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify a message, and give the event.

        Args:
            body: the very bytes that came.
            headers: the request's header fields, however their names are written.

        Raises:
            WebhookRefused: it is not signed by a key, or is too old or too new, or is of another ledger, or is no
                event. Answer 401, and do nothing.
        """
        fields = {name.lower(): text for name, text in headers.items()}
        message_id, seconds, signatures = (
            fields.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
        )
        if not _MESSAGE_ID.fullmatch(message_id) or not _SECONDS.fullmatch(seconds) or not signatures:
            raise WebhookRefused(
                "The message does not say in its headers which it is, when it was sent, and who signed it."
            )
        if len(body) > MESSAGE_BYTES or len(signatures) > SIGNATURES_BYTES:
            raise WebhookRefused(f"The message has more than {MESSAGE_BYTES} bytes, or too many signatures.")
        age = now_ms() - int(seconds) * SECOND_MS
        if abs(age) > self._tolerance_ms:
            side = "old" if age > 0 else "in the future"
            raise WebhookRefused(f"The message is {abs(age) // SECOND_MS} seconds {side}.", "Compare the two clocks.")
        if not self._signed(f"{message_id}.{seconds}.".encode() + body, signatures):
            raise WebhookRefused("The message is signed by none of this webhook's keys.", "Was its secret rotated?")
        return self._event(body, message_id)

    def _signed(self, signed: bytes, signatures: str) -> bool:
        """Tell whether a key has signed; every one is tried, so that the time taken tells nothing of which has."""
        good = False
        for each in signatures.split(" "):
            scheme, _, text = each.partition(",")
            try:
                signature = b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                continue  # of another scheme, or damaged: it signs nothing
            if scheme == "v1":
                for secret in self._secrets:
                    good |= compare_digest(digest(secret, signed, sha256), signature)
            elif scheme == "v1a":
                for key in self._public:
                    good |= _verifies(key, signed, signature)
        return good

    def _event(self, body: bytes, message_id: str) -> WebhookEvent:
        try:
            told = msgspec.json.decode(body, type=_Told)
        except UNREADABLE as error:
            raise WebhookRefused(f"The message is signed, and no event: {error}.") from error
        if told.id != message_id:
            raise WebhookRefused("The message's header names another event than its body.")
        if self._source is not None and told.source != self._source:
            raise WebhookRefused(f"The message tells of another ledger, {told.source}.", f"Expected: {self._source}.")
        return WebhookEvent(
            id=told.id, type=told.type, source=told.source, time=told.time, data=told.data, subject=told.subject
        )


def _verifies(key: VerifyKey, signed: bytes, signature: bytes) -> bool:
    try:
        key.verify(signed, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def _decoded(key: str, prefix: str) -> bytes:
    """Read a key of a webhook. Raises InvalidInput; the key is not quoted."""
    least = 32 if prefix == PUBLIC else SECRET_BYTES
    try:
        found = b64decode(key.strip().removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not key.strip().startswith(prefix) or len(found) < least or (prefix == PUBLIC and len(found) != least):
        raise InvalidInput(
            f"A key of a webhook begins with {SECRET} or {PUBLIC}, and has {least} bytes in base64 behind it.",
            "Give what hanse webhook add showed, whole.",
        )
    return found
