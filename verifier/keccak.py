"""Keccak-256 as Ethereum uses it (the Keccak submission's padding, not SHA3-256's). hashlib has none.

Source: the Keccak reference, version 3.0, and FIPS 202 for the permutation. Slow, and fast enough here.
"""

from __future__ import annotations

_RATE = 136
_MASK = 2**64 - 1


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest of the data."""
    padding = _RATE - len(data) % _RATE
    tail = b"\x81" if padding == 1 else b"\x01" + bytes(padding - 2) + b"\x80"
    padded = data + tail
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for i in range(_RATE // 8):
            lanes[i] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _rotate(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK


def _round_constants() -> tuple[int, ...]:
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << (2**j - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


def _moves() -> tuple[tuple[int, int, int], ...]:
    """Return (from lane, to lane, rotation) of the steps rho and pi, lane (x, y) at x + 5y."""
    moves, x, y = [(0, 0, 0)], 1, 0
    for t in range(24):
        target_x, target_y = y, (2 * x + 3 * y) % 5
        moves.append((x + 5 * y, target_x + 5 * target_y, (t + 1) * (t + 2) // 2 % 64))
        x, y = target_x, target_y
    return tuple(moves)


_ROUND_CONSTANTS = _round_constants()
_MOVES = _moves()


def _permute(lanes: list[int]) -> list[int]:
    for constant in _ROUND_CONSTANTS:
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        theta = [parity[x - 1] ^ _rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        moved = [0] * 25
        for source, target, by in _MOVES:
            moved[target] = _rotate(lanes[source] ^ theta[source % 5], by)
        lanes = [
            moved[y + x] ^ (~moved[y + (x + 1) % 5] & _MASK & moved[y + (x + 2) % 5])
            for y in range(0, 25, 5)
            for x in range(5)
        ]
        lanes[0] ^= constant
    return lanes
