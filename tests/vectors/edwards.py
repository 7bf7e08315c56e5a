"""Ed25519 in plain integers, from RFC 8032, section 5.1: slow, and independent of every library that Hanse uses.

Points are affine pairs. `judge` is the ledger's rule of docs/formats/signatures.md, written once more.
"""

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def add(one: Point, other: Point) -> Point:
    """Add two points of the curve."""
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + both, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - both, -1, P) % P,
    )


def times(factor: int, point: Point) -> Point:
    """Multiply a point by a number of at least 0."""
    result = NEUTRAL
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


def negative(point: Point) -> Point:
    """Give the point that adds up to the neutral one."""
    return (-point[0] % P, point[1])


def write(point: Point) -> bytes:
    """Encode a point as RFC 8032 has it."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def x_of(y: int, sign: int) -> int | None:
    """Find the x of a point by its y; None if no point has it. x = 0 has either sign here."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return x if x & 1 == sign else -x % P


def read(data: bytes) -> Point | None:
    """Decode a point whose encoding is canonical; None for any other bytes."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = x_of(y % P, sign)
    if x is None:
        return None
    return (x, y) if write((x, y % P)) == data else None


def challenge(r: bytes, a: bytes, message: bytes) -> int:
    """Hash what is signed to a number of 512 bits, not reduced."""
    return int.from_bytes(sha512(r + a + message).digest(), "little")


def judge(key: bytes, message: bytes, signature: bytes) -> bool:
    """Decide by the ledger's rule whether a signature is valid."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    key_point, r_point = read(key), read(r)
    if s >= L or key_point is None or r_point is None:
        return False
    if NEUTRAL in (times(8, key_point), times(8, r_point)):
        return False
    k = challenge(r, key, message) % L
    return times(s, BASE) == add(r_point, times(k, key_point))


def _base() -> Point:
    y = 4 * pow(5, -1, P) % P
    x = x_of(y, 0)
    assert x is not None
    return (x, y)


BASE = _base()
