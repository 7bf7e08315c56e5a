"""Signed requests: HTTP message signatures (RFC 9421), in the one form that Hanse's clients write and its nodes read.

A request bears one signature, over its method, its authority, its path, its query, and where it has a body over
`Content-Digest` (RFC 9530). It says when it was made and when it ends, by which key, for which ledger (`tag`), and has
a nonce. What is signed begins with the name of a component in quotes, so that it is never a record or a head.

The library `http-message-signatures` costs several times as much as the signature itself: see ADR 92.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

DIGEST_FIELD = "content-digest"
COVERED = ("@method", "@authority", "@path", "@query")
"""What every signature covers; one of a request with a body `content-digest` besides."""

LABEL = "hanse"
ALGORITHM = "ed25519"
LONGEST_SECONDS = 300
"""So long a signature counts at most."""

NONCE_BYTES = 16
FIELD_LETTERS = 1_024
"""The most that each of the two header fields may have."""

_COMPONENT = r'"(?:@method|@authority|@path|@query|content-digest)"'
_PARAMETER = r';(?:created|expires)=[0-9]{1,12}|;(?:alg|keyid|nonce|tag)="[A-Za-z0-9._:=/+-]{1,160}"'
_INPUT = re.compile(
    rf"([a-z][a-z0-9_.-]{{0,31}})=(\(({_COMPONENT}(?: {_COMPONENT}){{3,4}})\)((?:{_PARAMETER}){{5,6}}))"
)
_SIGNATURE = re.compile(r"([a-z][a-z0-9_.-]{0,31})=:([A-Za-z0-9+/]{86}==):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_EACH = re.compile(r';([a-z]+)="?([^";]+)"?')
_HEX = re.compile("(?:[0-9a-f]{2})+")
_NONCE = re.compile("[A-Za-z0-9_-]{16,64}")
_DEFAULT_PORT = re.compile(":(?:80|443)$")


class NotSigned(ValueError):
    """The two header fields are no signature of a request in this form: why."""


class SignedAs(NamedTuple):
    """What the signature of a request says.

    Attributes:
        created: when it was made, in seconds since 1970.
        expires: until when it counts, likewise.
        key: by which key, as it stands in records.
        nonce: what makes it one of its own.
        tag: for which ledger.
        digest: the SHA-256 of the body, 32 bytes; nil where it covers no body.
        parameters: components and parameters, as they were signed.
        signature: 64 bytes.
    """

    created: int
    expires: int
    key: bytes
    nonce: str
    tag: bytes
    digest: bytes | None
    parameters: str
    signature: bytes


def authority_of(host: str) -> str:
    """Write a host as `@authority` has it: in small letters, without a port that is the scheme's own."""
    return _DEFAULT_PORT.sub("", host.lower())


def digest_field(digest: bytes) -> str:
    """Write `Content-Digest` of a body's SHA-256."""
    return f"sha-256=:{b64encode(digest).decode()}:"


def signature_base(method: str, authority: str, target: str, digest: bytes | None, parameters: str) -> bytes:
    """Write what is signed (RFC 9421, section 2.5), with the components in the order in which `parameters` has them.

    Args:
        method: in capitals.
        authority: as `authority_of` writes it.
        target: path and query as they travel.
        digest: of the body; nil where there is none.
        parameters: components and parameters, as they stand in `Signature-Input`.
    """
    path, mark, query = target.partition("?")
    values = {
        "@method": method,
        "@authority": authority,
        "@path": path or "/",
        "@query": f"?{query}" if mark else "?",
        DIGEST_FIELD: "" if digest is None else digest_field(digest),
    }
    names = parameters[1 : parameters.index(")")].split(" ")
    lines = [f"{name}: {values[name[1:-1]]}" for name in names]
    return "\n".join((*lines, f'"@signature-params": {parameters}')).encode()


class Stamp(NamedTuple):
    """What a signature says besides the request.

    Attributes:
        key: the signer's, as it stands in records.
        ledger: the id of the ledger that is asked about, 32 bytes.
        created: the present in seconds since 1970.
        seconds: how long the signature counts, at most 300.
        nonce: 16 random bytes.
    """

    key: bytes
    ledger: bytes
    created: int
    seconds: int
    nonce: bytes


def sign_request(
    method: str, authority: str, target: str, body: bytes | None, stamp: Stamp, sign: Callable[[bytes], bytes]
) -> list[tuple[str, str]]:
    """Sign a request.

    Args:
        method: in capitals.
        authority: host and port, as the `Host` field has them.
        target: path and query as they travel.
        body: what is sent; nil for none.
        stamp: what it says besides.
        sign: makes a signature of 64 bytes.

    Returns:
        The header fields to send.
    """
    digest = sha256(body).digest() if body else None
    names = COVERED if digest is None else (*COVERED, DIGEST_FIELD)
    parameters = (
        f"({' '.join(f'{chr(34)}{name}{chr(34)}' for name in names)});created={stamp.created}"
        f";expires={stamp.created + stamp.seconds}"
        f';keyid="{stamp.key.hex()}";alg="{ALGORITHM}";nonce="{stamp.nonce.hex()}";tag="{stamp.ledger.hex()}"'
    )
    signature = sign(signature_base(method, authority_of(authority), target, digest, parameters))
    fields = [
        ("Signature-Input", f"{LABEL}={parameters}"),
        ("Signature", f"{LABEL}=:{b64encode(signature).decode()}:"),
    ]
    return fields if digest is None else [*fields, ("Content-Digest", digest_field(digest))]


def read_signature(given: str, signature: str, digest: str) -> SignedAs:
    """Read the signature of a request, which is not verified by that.

    Args:
        given: the field `Signature-Input`.
        signature: the field `Signature`.
        digest: the field `Content-Digest`; empty where there is none.

    Raises:
        NotSigned: they are none in this form, or leave out what must be signed.
    """
    if max(len(given), len(signature), len(digest)) > FIELD_LETTERS:
        raise NotSigned(f"a field has more than {FIELD_LETTERS} letters")
    stated, made = _INPUT.fullmatch(given), _SIGNATURE.fullmatch(signature)
    if stated is None:
        raise NotSigned(
            'Signature-Input is not one signature over ("@method" "@authority" "@path" "@query"), and "content-digest" '
            "of a body, with created, expires, keyid, nonce and tag"
        )
    if made is None or made[1] != stated[1]:
        raise NotSigned("Signature is not one Ed25519 signature with the label of Signature-Input")
    covered = [name[1:-1] for name in stated[3].split(" ")]
    said = _EACH.findall(stated[4])
    values = dict(said)
    if len(set(covered)) != len(covered) or len(values) != len(said):
        raise NotSigned("a component or a parameter stands twice")
    missing = [*(name for name in COVERED if name not in covered)]
    missing += [name for name in ("created", "expires", "keyid", "nonce", "tag") if name not in values]
    if missing:
        raise NotSigned(f"what is signed leaves out {', '.join(missing)}")
    if values.get("alg", ALGORITHM) != ALGORITHM:
        raise NotSigned("keys of this ledger sign with Ed25519 alone")
    if not _NONCE.fullmatch(values["nonce"]):
        raise NotSigned("a nonce has 16 to 64 letters, digits, hyphens and underscores")
    if not (_HEX.fullmatch(values["keyid"]) and _HEX.fullmatch(values["tag"])):
        raise NotSigned("keyid is a key of the ledger, and tag a ledger's id, in hexadecimal digits")
    return SignedAs(
        created=int(values["created"]),
        expires=int(values["expires"]),
        key=bytes.fromhex(values["keyid"]),
        nonce=values["nonce"],
        tag=bytes.fromhex(values["tag"]),
        digest=_read_digest(digest) if DIGEST_FIELD in covered else None,
        parameters=stated[2],
        signature=b64decode(made[2]),
    )


def _read_digest(field: str) -> bytes:
    found = _DIGEST.fullmatch(field)
    if found is None:
        raise NotSigned("Content-Digest is signed, and is not one SHA-256")
    return b64decode(found[1])


def asked_for(ledger: bytes) -> str:
    """Write `Accept-Signature` (RFC 9421, section 5.1): which signature a node asks for."""
    names = " ".join(f'"{name}"' for name in (*COVERED, DIGEST_FIELD))
    return f'{LABEL}=({names});created;expires;keyid;nonce;tag="{ledger.hex()}"'


_ASKED_LEDGER = re.compile(r';tag="([0-9a-f]{64})"')


def ledger_asked_for(field: str) -> bytes | None:
    """Read of `Accept-Signature` for which ledger a node wants its requests signed; nil where it asks for none."""
    found = _ASKED_LEDGER.search(field[:FIELD_LETTERS])
    return None if found is None else bytes.fromhex(found[1])
