"""Makes the edge cases of Ed25519 that each node judges at its start, from RFC 8032 alone, and writes their table.

    PYTHONPATH=. python -m tests.vectors.signature_cases

Run it only to add a case; `test_signature_cases.py` compares the table with what is made here. Signatures of keys that
have a component of small order cannot be made with a library: the equations are solved here.
"""

import re
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256

from tests.conftest import ROOT
from tests.vectors.edwards import BASE, NEUTRAL, L, P, Point, add, challenge, judge, negative, read, times, write, x_of

MODULE = ROOT / "ledger" / "hanse_ledger" / "values" / "signature_cases.py"
TRIES = 1_000

Row = tuple[str, int, bytes, bytes]
"""A name, the number in the message, key, and signature."""


def message(number: int) -> bytes:
    """Give the message of a number."""
    return b"hanse %d" % number


def scalar(name: str) -> int:
    """Give a secret number of a name."""
    return int.from_bytes(sha256(name.encode()).digest(), "little") % L


def torsion(order: int) -> Point:
    """Give a point of an order: 1, 2, 4 or 8."""
    for y in range(2, TRIES):
        x = x_of(y, 0)
        point = NEUTRAL if x is None else times(L, (x, y))  # what is left is of small order
        if times(4, point) != NEUTRAL:
            return times(8 // order, point)
    raise AssertionError("half of all points have a component of order 8")


def small_points() -> list[Point]:
    """List the eight points of small order."""
    return [times(number, torsion(8)) for number in range(8)]


def odd_encodings() -> list[bytes]:
    """List the encodings of points of small order that are not canonical: y not reduced, or x = 0 with a sign."""
    found = []
    for y in (0, 1, P - 1):
        for raised in (y, y + P):
            for sign in (0, 1):
                data = (raised | sign << 255).to_bytes(32, "little") if raised < 2**255 else b""
                if data and read(data) is None:
                    found.append(data)
    return found


def solved(
    name: str,
    key: bytes,
    nonce: bytes,
    s_of: Callable[[int], int],
    holds: Callable[[int], bool] = lambda _: True,
) -> Row:
    """Find a message whose challenge suits, and make the signature for it."""
    for number in range(TRIES):
        k = challenge(nonce, key, message(number))
        if holds(k):
            return name, number, key, nonce + s_of(k % L).to_bytes(32, "little")
    raise AssertionError("no message suits")


def honest(a: int, r: int) -> Callable[[int], int]:
    """Give the S of a signer whose secret is `a` and whose nonce is `r`."""
    return lambda k: (r + k * a) % L


def leaves(order: int, *wanted: int, plus: int = 0) -> Callable[[int], bool]:
    """Ask for a challenge whose reduced form, plus something, leaves one of these remainders."""
    return lambda k: (k % L + plus) % order in wanted


def rows() -> Iterator[Row]:
    """Make every case."""
    a, r = scalar("key"), scalar("nonce")
    key, nonce = times(a, BASE), times(r, BASE)
    name, number, written, signature = solved("an ordinary signature", write(key), write(nonce), honest(a, r))
    yield name, number, written, signature
    yield "of another message", number + 1, written, signature
    for place, what in ((0, "R"), (32, "S")):
        changed = bytearray(signature)
        changed[place] ^= 1
        yield f"with a bit of {what} flipped", number, written, bytes(changed)
    s = int.from_bytes(signature[32:], "little")
    for times_l in (1, 2, 8, 14):
        yield f"S + {times_l} L", number, written, signature[:32] + (s + times_l * L).to_bytes(32, "little")
    yield "S = L", number, written, signature[:32] + L.to_bytes(32, "little")
    yield "S = 2^256 - 1", number, written, signature[:32] + b"\xff" * 32
    yield from _off_the_curve(number, written, signature, a, r)
    yield from _small_keys(r)
    yield from _small_nonces(a)
    yield from _mixed(a, r)


def _off_the_curve(number: int, key: bytes, signature: bytes, a: int, r: int) -> Iterator[Row]:
    nowhere = next(y for y in range(2, TRIES) if x_of(y, 0) is None).to_bytes(32, "little")
    yield "A is not on the curve", number, nowhere, signature
    yield solved("R is not on the curve", key, nowhere, honest(a, r))


def _small_keys(r: int) -> Iterator[Row]:
    """Keys of small order, with the equation fulfilled: anybody could sign for them."""
    nonce = write(times(r, BASE))

    def suits(index: int) -> Callable[[int], bool]:
        return lambda k: k % L * index % 8 == 0

    for index, point in enumerate(small_points()):
        yield solved(
            f"A = {index} T, T of order 8",
            write(point),
            nonce,
            lambda _: r,
            suits(index),
        )
    for index, data in enumerate(odd_encodings()):
        yield solved(
            f"A of small order, not canonical, {index + 1}", data, nonce, lambda _: r, lambda k: k % L % 8 == 0
        )


def _small_nonces(a: int) -> Iterator[Row]:
    """R of small order, with the equation fulfilled where the key has the component that makes up for it."""
    for index, point in enumerate(small_points()):
        key = write(add(times(a, BASE), torsion(8)))
        yield solved(f"R = {index} T", key, write(point), honest(a, 0), leaves(8, 0, plus=index))
    key = write(times(a, BASE))
    yield solved("R = 0, and an ordinary key", key, write(NEUTRAL), honest(a, 0))
    for index, data in enumerate(odd_encodings()):
        yield solved(f"R of small order, not canonical, {index + 1}", key, data, honest(a, 0))


def _mixed(a: int, r: int) -> Iterator[Row]:
    """Components of small order in A, in R, or in both: they cancel each other, or times eight alone."""
    plain, nonce = times(a, BASE), times(r, BASE)
    for order in (2, 4, 8):
        odd = add(plain, torsion(order))
        name = f"A has a component of order {order}"
        yield solved(f"{name}, and k cancels it", write(odd), write(nonce), honest(a, r), leaves(order, 0))
        yield solved(f"{name}, which is left", write(odd), write(nonce), honest(a, r), leaves(order, *range(1, order)))
        yield solved(
            f"R has a component of order {order}, which is left",
            write(plain),
            write(add(nonce, torsion(order))),
            honest(a, r),
        )
    odd, other = add(plain, torsion(8)), add(nonce, negative(torsion(8)))
    yield solved("components of A and R cancel each other", write(odd), write(other), honest(a, r), leaves(8, 1))
    yield solved("components of A and R do not cancel", write(odd), write(other), honest(a, r), leaves(8, 2))
    yield solved(
        "k cancels a component once it is reduced",
        write(odd),
        write(nonce),
        honest(a, r),
        lambda k: k % L % 8 == 0 != k % 8,
    )
    yield solved(
        "k cancels a component unless it is reduced",
        write(odd),
        write(nonce),
        honest(a, r),
        lambda k: k % 8 == 0 != k % L % 8,
    )


def table() -> str:
    """Write the cases as the lines that stand in the package."""
    lines = []
    for name, number, key, signature in rows():
        word = "valid" if judge(key, message(number), signature) else "invalid"
        lines += [f"{word} {number} {name}", *(part.hex() for part in (key, signature[:32], signature[32:]))]
    return "\n".join(lines)


def main() -> int:
    """Put the table into the module."""
    text = MODULE.read_text("utf-8")
    changed = re.sub(r'(?<=_TABLE = """\\\n).*?(?=\n""")', lambda _: table(), text, count=1, flags=re.DOTALL)
    MODULE.write_text(changed, "utf-8")
    sys.stdout.write(f"{len(table().splitlines()) // 4} cases\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
