"""OpenAttestation 2.0 and 3.0: the data inside of the wrapper, and whether its hash is right.

Each value is salted and hashed; the hashes, sorted and hashed together, are `targetHash`, which leads through `proof`
to the `merkleRoot` that the issuer published or signed. Whether the issuer did, a registry or a DNS name says: neither
is asked here.

Source: OpenAttestation, `2.0/schema.json` and `3.0/schema.json`, and what its reference implementation hashes.
"""

import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from hanse_documents.model.errors import DocumentError
from hanse_documents.syntax.certificates.keccak import RATE, keccak_256
from hanse_documents.syntax.jsonplaces import Json, at, every, text_at

VALUES = 5_000
BLOCKS = 6_000
"""Of more values, or of longer ones together, no hash is computed: three seconds are enough for one file."""

STEPS = 64
"""More hashes lead from no document to its root."""

WANTED = "the hash of the data: it was changed after it was issued"

_SALTED = re.compile(r"[0-9a-fA-F-]{36}:(string|number|boolean|null|undefined):", re.ASCII)
_HASH = re.compile(r"(?:0x)?([0-9a-f]{64})", re.ASCII)


def is_version_2(value: Json) -> bool:
    """Tell whether JSON is an OpenAttestation 2.0 document that was wrapped."""
    return isinstance(value.get("data"), dict) and text_at(value, "signature", "targetHash") is not None


def is_version_3(value: Json) -> bool:
    """Tell whether JSON is an OpenAttestation 3.0 document that was wrapped."""
    return text_at(value, "proof", "type") == "OpenAttestationMerkleProofSignature2018"


def open_version_2(value: Json) -> object:
    """Give the data of a 2.0 document without its salts, when its hash is right.

    Raises:
        DocumentError: a value without a salt, or a hash that is not that of the data.
    """
    data = value["data"]
    hashes = _hashes(_leaves(data, "", "{}.{}", "{}.{}", empty=True), "data")
    hashes += _obscured(at(value, "privacy", "obfuscatedData"), "privacy/obfuscatedData")
    _verify(hashes, at(value, "signature"), "signature", "proof")
    return _unsalted(data, "data")


def verify_version_3(value: Json) -> None:
    """Check the hash of a 3.0 document; its data stand in the open. Raises DocumentError as `open_version_2`."""
    bare = {name: part for name, part in value.items() if name != "proof"}
    shown = dict(_leaves(bare, "", "{}.{}", "{}[{}]", empty=False))
    salts = {text_at(salt, "path") or "": text_at(salt, "value") or "" for salt in _salts(value)}
    if salts.keys() != shown.keys():
        odd = sorted(salts.keys() ^ shown.keys())
        raise DocumentError("proof/salts", seen=f"{odd[0]} and no salt of it, or a salt and no value", wanted=WANTED)
    hashes = _hashes(((path, f"{salt}:{_as_script(shown[path], path)}") for path, salt in salts.items()), "proof/salts")
    hashes += _obscured(at(value, "proof", "privacy", "obfuscated"), "proof/privacy/obfuscated")
    _verify(hashes, at(value, "proof"), "proof", "proofs")


def _salts(value: Json) -> Sequence[object]:
    text = text_at(value, "proof", "salts") or ""
    try:
        found: object = json.loads(binascii.a2b_base64(text, strict_mode=True))
    except (ValueError, RecursionError) as error:
        raise DocumentError("proof/salts", seen=text or "nothing", wanted="base64 of a list of salts") from error
    return every(found)


def _leaves(value: object, name: str, key: str, place: str, *, empty: bool) -> Iterator[tuple[str, object]]:
    """List the values by their paths, as the reference implementation writes paths."""
    parts: list[tuple[str, object]]
    match value:
        case dict():
            parts = [(key.format(name, below) if name else below, part) for below, part in value.items()]
        case list():
            parts = [(place.format(name, at_), part) for at_, part in enumerate(value)]
        case _:
            yield name, value
            return
    if not parts and empty:
        yield name, value
    for path, part in parts:
        yield from _leaves(part, path, key, place, empty=empty)


def _hashes(values: Iterable[tuple[str, object]], where: str) -> list[bytes]:
    """Hash values, each with its path; or refuse before anything is hashed."""
    texts = [
        json.dumps({name: value}, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        for name, value in values
    ]
    blocks = sum(len(text) // RATE + 1 for text in texts)
    for count, most, what in ((len(texts), VALUES, "values"), (blocks, BLOCKS, f"blocks of {RATE} bytes to hash")):
        if count > most:
            raise DocumentError(where, seen=f"{count:,} {what}", wanted=f"at most {most:,}")
    return [keccak_256(text) for text in texts]


def _obscured(value: object, where: str) -> list[bytes]:
    """Read the hashes that stand in place of values which the holder keeps to itself."""
    return [_digest(text_at(found) if not isinstance(found, str) else found, where) for found in every(value)]


def _digest(text: str | None, where: str) -> bytes:
    matched = _HASH.fullmatch((text or "").strip().lower())
    if matched is None:
        raise DocumentError(where, seen=text or "nothing", wanted="a hash of 64 hexadecimal digits")
    return bytes.fromhex(matched[1])


def _verify(hashes: list[bytes], proof: object, where: str, path: str) -> None:
    """Compare the hash of all values with what the document says, and follow it to the root."""
    if len(hashes) > VALUES:
        raise DocumentError(where, seen=f"{len(hashes):,} values", wanted=f"at most {VALUES:,}")
    listed = json.dumps(sorted(each.hex() for each in hashes), separators=(",", ":"))
    found = keccak_256(listed.encode())
    target = _digest(text_at(proof, "targetHash"), f"{where}/targetHash")
    if found != target:
        raise DocumentError(f"{where}/targetHash", seen=target.hex(), wanted=f"{found.hex()}, {WANTED}")
    steps = every(at(proof, path))
    if len(steps) > STEPS:
        raise DocumentError(f"{where}/{path}", seen=f"{len(steps):,} hashes", wanted=f"at most {STEPS}")
    for beside in steps:
        other = _digest(beside if isinstance(beside, str) else None, f"{where}/{path}")
        found = keccak_256(b"".join(sorted((found, other))))
    root = _digest(text_at(proof, "merkleRoot"), f"{where}/merkleRoot")
    if found != root:
        raise DocumentError(f"{where}/merkleRoot", seen=root.hex(), wanted=f"{found.hex()}, where the proof leads")


def _unsalted(value: object, where: str) -> object:
    """Take the salts off: `salt:number:1` is 1."""
    match value:
        case dict():
            return {name: _unsalted(part, f"{where}/{name}") for name, part in value.items()}
        case list():
            return [_unsalted(part, f"{where}/{place}") for place, part in enumerate(value, 1)]
        case str() if matched := _SALTED.match(value):
            return _typed(matched[1], value[matched.end() :], where)
        case _:
            raise DocumentError(where, seen=str(value), wanted="a value as salt:type:value")


def _typed(kind: str, text: str, where: str) -> object:
    match kind:
        case "string":
            return text
        case "number":
            try:
                number = Decimal(text)
            except ArithmeticError as error:
                raise DocumentError(where, seen=text, wanted="a number") from error
            if not number.is_finite():
                raise DocumentError(where, seen=text, wanted="a number")
            return int(number) if number == number.to_integral_value() and abs(number.adjusted()) < 20 else number
        case "boolean":
            return text == "true"
        case _:
            return None


def _as_script(value: object, where: str) -> str:
    """Write a value as JavaScript does in a text."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            plain = f"{value.normalize():f}"
            if len(plain.lstrip("-0.").replace(".", "")) > 15 or not -7 < value.adjusted() < 21:
                raise DocumentError(where, seen=str(value), wanted="a number that every program writes alike")
            return plain
        case _:
            return str(value)
