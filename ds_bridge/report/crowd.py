"""Crowds: the people behind a number, with one bit for each, so that a cell of 100,000 people takes 12
KiB."""

from __future__ import annotations

from collections.abc import Iterable


class Crowd:
    """A set of people, known by their place in the report."""

    __slots__ = ("_bits",)

    def __init__(self, bits: bytes | bytearray = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, place: int) -> None:
        """Put somebody in."""
        byte = place >> 3
        bits = self._bits
        if byte >= len(bits):
            bits.extend(bytes(byte + 1 - len(bits)))
        bits[byte] |= 1 << (place & 7)

    def copy(self) -> Crowd:
        """A copy with the same people."""
        return Crowd(self._bits)

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()


def unite(crowds: Iterable[Crowd]) -> Crowd:
    """Everybody who is in at least one of the crowds."""
    together = 0
    for crowd in crowds:
        together |= int.from_bytes(crowd._bits, "little")
    return Crowd(together.to_bytes((together.bit_length() + 7) // 8, "little"))
