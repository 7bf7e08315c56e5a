"""Proof files as nobody should send them: bytes, base64, structure and form of good ones, changed by chance.

The same number gives the same mutants. Most keep enough of the form to be read far, since a file that is refused at
its first byte compares little.
"""

import base64
import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

from tests.conftest import ROOT
from tests.fuzz.mutations import BOUNDARIES, Mutator

VECTORS = ROOT / "tests" / "vectors"
MADE = 1_790_086_423_000
"""When the newest of the proofs was made."""

Node = tuple[dict[str, Any] | list[Any], Any]

ODD: tuple[Any, ...] = (
    *(
        0,
        -1,
        1,
        2**31,
        2**53,
        2**63 - 1,
        2**63,
        2**64 - 1,
        2**64,
        -(2**63),
        10**40,
        1.0,
        1e300,
        -0.0,
        True,
        False,
        None,
    ),
    *("", "A", "A===", "AAAA", "\ud800", "\u0000", "\u202e", "é", "hanse.proof/9", [], {}, [[]], {"": 0}, [None]),
)
"""Values that stand where others are expected."""


@cache
def seeds() -> tuple[bytes, ...]:
    """Give the proof files of the vectors: whole histories, way marks, a status, terms, another epoch."""
    files = {name: json.loads((VECTORS / f"{name}.json").read_text("utf-8")) for name in ("proofs", "terms", "epochs")}
    proofs = [each["proof"] for name in ("proofs", "terms") for each in files[name]["proofs"]]
    return tuple(proof.encode() for proof in [*proofs, files["epochs"]["proof"]])


def trust() -> bytes:
    """Give the trust file of their ledger."""
    return (VECTORS / "trust.json").read_bytes()


def moment(chance: Random) -> int:
    """Choose a present for a verifier: mostly soon after the proofs were made, else far away."""
    return MADE + chance.choice((0, 0, 60_000, 90_000_000, -90_000_000, 40_000_000_000, 400_000_000_000))


def mutants(count: int, number: int) -> Iterator[bytes]:
    """Make mutants.

    Args:
        count: how many.
        number: by which the sequence begins.
    """
    chance = Random(number)  # noqa: S311 (it guards nothing)
    plain = Mutator(seeds(), number)
    for _ in range(count):
        made = plain.next() if not chance.randrange(8) else mutant(chance)
        yield made


def mutant(chance: Random) -> bytes:
    """Make one."""
    data = chance.choice(seeds())
    kind = chance.randrange(10)
    if kind < 3:
        return written(_with_other_bytes(chance, data))
    if kind < 6:
        return written(_with_other_structure(chance, data))
    if kind < 7:
        return _with_other_text(chance, data)
    if kind < 8:
        return _with_another_part(chance, data)
    return _in_another_form(chance, data)


def written(value: Any) -> bytes:
    """Write canonical JSON, but for what it cannot have: floats and halves of a letter."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _places(value: Any) -> list[Node]:
    """List each place in a value: what holds it, and its name or number there."""
    found: list[Node] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        names = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for name in names:
            found.append((holder, name))
            waiting.append(holder[name])
    return found


def _with_other_bytes(chance: Random, data: bytes) -> Any:
    """Change what stands in base64: entries, leaves, hashes, signatures, ids."""
    value = json.loads(data)
    places = [(holder, name) for holder, name in _places(value) if isinstance(holder[name], str)]
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        holder, name = chance.choice(places)
        try:
            inner = bytearray(base64.b64decode(holder[name], validate=True))
        except ValueError:
            holder[name] = holder[name][: chance.randrange(len(holder[name]) + 1)] + chance.choice(("", "x", "\u00e9"))
            continue
        at = chance.randrange(len(inner) + 1)
        match chance.randrange(6):
            case 0 | 1 if at < len(inner):
                inner[at] ^= 1 << chance.randrange(8)
            case 2 if at < len(inner):
                inner[at] = chance.randrange(256)
            case 3:
                inner[at:at] = chance.choice(BOUNDARIES)
            case 4:
                del inner[at : at + chance.choice((1, 2, 32))]
            case _:
                inner[at : at + 32] = chance.randbytes(32)
        holder[name] = base64.b64encode(inner).decode()
    return value


def _with_other_structure(chance: Random, data: bytes) -> Any:
    """Leave values out, put others in their place, repeat them, or change their order."""
    value = json.loads(data)
    for _ in range(chance.choice((1, 1, 2))):
        holder, name = chance.choice(_places(value))
        match chance.randrange(6):
            case 0:
                holder[name] = chance.choice(ODD)
            case 1:
                del holder[name]
            case 2 if isinstance(holder, list):
                holder.insert(chance.randrange(len(holder) + 1), holder[name])
            case 3 if isinstance(holder, list):
                chance.shuffle(holder)
            case 4 if isinstance(holder, dict):
                holder[chance.choice(("added", "@type", "id", "\u00e9", ""))] = chance.choice(ODD)
            case _:
                other, its = chance.choice(_places(value))
                holder[name], other[its] = json.loads(json.dumps(other[its])), json.loads(json.dumps(holder[name]))
        if not _places(value):
            break
    return value


def _with_another_part(chance: Random, data: bytes) -> bytes:
    """Put a part of another proof into this one."""
    value, other = json.loads(data), json.loads(chance.choice(seeds()))
    name = chance.choice(sorted(value))
    value[name] = other.get(name)
    return written(value)


def _with_other_text(chance: Random, data: bytes) -> bytes:
    """Change the text itself: numbers, escapes, keys that stand twice, nests, bytes that are no UTF-8."""
    at = chance.choice([place for place, byte in enumerate(data) if byte in b'{}[]":,'])
    added = (
        b'"terms":[],',
        b"[" * chance.choice((3, 100, 5_000)),
        b'{"a":' * chance.choice((3, 100, 5_000)),
        b"\xff\xfe",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b'"\\x"',
        b"1e400",
        b"-0",
        b"01",
        b"9" * 400,
        b"NaN",
        b"1.5,",
        b"\x00",
        b"\\",
        b'"',
    )
    return data[: at + chance.randrange(2)] + chance.choice(added) + data[at + chance.randrange(2) :]


def _in_another_form(chance: Random, data: bytes) -> bytes:
    """Write the same in another form: with a mark before it, in another encoding, with blanks, cut off, with more."""
    text = data.decode()
    at = chance.randrange(len(data))
    forms = (
        lambda: b"\xef\xbb\xbf" + data,
        lambda: b"\xef\xbb\xbf" * 2 + data,
        lambda: text.encode("utf-16"),
        lambda: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda: text.encode("utf-16")[: at * 2 + chance.randrange(2)],
        lambda: b"\xff\xfe" + chance.randbytes(chance.randrange(9)) + text.encode("utf-16-le"),
        lambda: json.dumps(json.loads(data), indent=chance.randrange(4)).encode(),
        lambda: json.dumps(json.loads(data)).encode(),
        lambda: data.replace(b",", chance.choice((b", ", b",\r\n", b",\t", b",\x0b", b",\x0c", b",\xc2\xa0"))),
        lambda: data[:at],
        lambda: (
            data + chance.choice((b"\n", b"\r\n\r\n", b" ", b"\0" * 9, b"\0\n", b"}", b"x", data, b"\xff", b"\n\0 "))
        ),
        lambda: data[:at] + chance.choice((b"\n", b"\r\n", b" ", b"\t", b"=\r\n")) + data[at:],
        lambda: data[:at] + b"=\n" + data[at:].replace(b"=", b"=3D"),
        lambda: chance.choice(
            (b"", b" ", b"\n", b"\0", b"{}", b"[]", b"null", b'"', b"{", b'{"@type":"hanse.proof/9"}')
        ),
        lambda: data.replace(
            b"hanse.proof/2", chance.choice((b"hanse.proof/3", b"hanse.proof/1", b"hanse.trust/2", b"x"))
        ),
    )
    made = chance.choice(forms)()
    return made if chance.randrange(4) else b"\xef\xbb\xbf" + made.replace(b"]", b"]\n")
