"""Keccak-256, the hash of OpenAttestation: SHA-3 before its padding was changed, which the standard library lacks.

pycryptodome has it too, under a free licence: but it is two megabytes of native code with all its ciphers, for this one
function, which is bounded by a certificate's size and tried against the reference's own vectors. So none is installed.

Source: Bertoni, Daemen, Peeters, Van Assche, The Keccak reference, version 3.0; the padding is `10*1`.
"""

RATE = 136
"""Bytes of a block: 1,600 bits less twice the 256 of the hash."""

_LANES = 25
_BITS = 64
_MASK = (1 << _BITS) - 1


def _round_constants() -> tuple[int, ...]:
    """Make the constants of the 24 rounds from their shift register."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        constants.append(constant)
    return tuple(constants)


def _moves() -> tuple[tuple[int, int], ...]:
    """Say where the rho and pi steps take each lane but the first: the lane it comes from, and its rotation."""
    moves = [(0, 0)] * _LANES
    x, y = 1, 0
    for step in range(24):
        moves[y + 5 * ((2 * x + 3 * y) % 5)] = (x + 5 * y, (step + 1) * (step + 2) // 2 % _BITS)
        x, y = y, (2 * x + 3 * y) % 5
    return tuple(moves)


_CONSTANTS = _round_constants()
_MOVES = _moves()


def _permute(lanes: list[int]) -> list[int]:
    """Apply Keccak-f[1600]."""
    for constant in _CONSTANTS:
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        parity = [columns[x - 1] ^ _rotated(columns[(x + 1) % 5], 1) for x in range(5)]
        moved = [_rotated(lanes[source] ^ parity[source % 5], by) for source, by in _MOVES]
        lanes = [
            moved[lane] ^ (~moved[lane - lane % 5 + (lane + 1) % 5] & moved[lane - lane % 5 + (lane + 2) % 5])
            for lane in range(_LANES)
        ]
        lanes[0] ^= constant
    return lanes


def _rotated(lane: int, by: int) -> int:
    return ((lane << by) | (lane >> (_BITS - by))) & _MASK


def keccak_256(data: bytes) -> bytes:
    """Hash bytes; 32 bytes come out."""
    padded = bytearray(data + bytes(RATE - len(data) % RATE))
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [0] * _LANES
    for start in range(0, len(padded), RATE):
        for lane in range(RATE // 8):
            lanes[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])
