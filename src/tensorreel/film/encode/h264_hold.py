"""Holds at no cost: H.264 pictures that say "as before", written by hand between the encoder's own.

A P picture in which every macroblock is skipped repeats the picture before it exactly and takes a dozen bytes
(ITU-T H.264, 7.3.3 and 7.3.4). Each one counts as a reference picture, so the encoder's later pictures up to
the next key frame get their ``frame_num`` moved on by as many.
"""

from __future__ import annotations

import re

_START = b"\0\0\0\1"
_PICTURE, _IDR, _SPS, _PPS = 1, 5, 7, 8
_HEAD = 2 << 5 | _PICTURE  # a reference picture that is no key frame
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})


class Unsuited(Exception):  # noqa: N818
    """The stream is of a kind that this module does not write skips for."""


class _Bits:
    """Reading the bits of a NAL unit's payload."""

    def __init__(self, payload: bytes) -> None:
        self._value, self._length, self.at = int.from_bytes(payload, "big"), 8 * len(payload), 0

    def u(self, count: int) -> int:
        """An unsigned number of ``count`` bits."""
        self.at += count
        if self.at > self._length:
            raise Unsuited("header ends early")
        return (self._value >> (self._length - self.at)) & ((1 << count) - 1)

    def ue(self) -> int:
        """An unsigned Exp-Golomb number."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + (self.u(zeros) if zeros else 0)

    se = ue  # signed numbers are only skipped over


def _ue(value: int) -> str:
    """A number as an Exp-Golomb bit string."""
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


def _unescaped(nal: bytes) -> bytes:
    return nal.replace(b"\0\0\3", b"\0\0")


def _escaped(payload: bytes) -> bytes:
    return re.sub(b"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", payload)


def _units(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream."""
    return [unit.rstrip(b"\0") for unit in re.split(b"\x00\x00\x01", data) if unit.strip(b"\0")]


class HoldWriter:
    """Follows one encoder's stream. ``headers`` are its parameter sets, as Annex B.

    Raises ``Unsuited`` when the stream is not: CAVLC, frames only, one slice, output order = coding order.
    """

    def __init__(self, headers: bytes) -> None:
        units = {unit[0] & 31: _unescaped(unit) for unit in _units(headers)}
        if _SPS not in units or _PPS not in units:
            raise Unsuited("no parameter sets")
        self._read_sequence(_Bits(units[_SPS][1:]))
        self._read_picture(_Bits(units[_PPS][1:]))
        self._added = 0  # skips since the last key frame
        self._last = 0  # frame_num of the picture before, as written

    def _read_sequence(self, bits: _Bits) -> None:
        profile = bits.u(8)
        bits.u(16)
        bits.ue()
        if profile in _HIGH_PROFILES and (bits.ue() != 1 or bits.ue() or bits.ue() or bits.u(2)):
            raise Unsuited("not plain 8-bit 4:2:0")
        self._number_bits = bits.ue() + 4
        if bits.ue() != 2:
            raise Unsuited("pictures may be reordered")
        bits.ue()
        bits.u(1)
        self._blocks = (bits.ue() + 1) * (bits.ue() + 1)
        if not bits.u(1):
            raise Unsuited("interlaced")

    def _read_picture(self, bits: _Bits) -> None:
        bits.ue()
        bits.ue()
        arithmetic, ordered, groups = bits.u(1), bits.u(1), bits.ue()
        bits.ue()
        bits.ue()
        weighted = bits.u(3)
        bits.se()
        bits.se()
        bits.se()
        self._deblocking, _, redundant = bits.u(1), bits.u(1), bits.u(1)
        if arithmetic or ordered or groups or weighted or redundant:
            raise Unsuited("entropy coding or prediction of another kind")

    def real(self, data: bytes) -> bytes:
        """One packet of the encoder, renumbered behind the skips before it."""
        units = _units(data)
        out = []
        for unit in units:
            kind = unit[0] & 31
            if kind == _IDR:
                self._added = self._last = 0
            elif kind == _PICTURE:
                unit = self._renumbered(unit)
            out.append(_START + unit)
        return b"".join(out)

    def _renumbered(self, unit: bytes) -> bytes:
        payload = _unescaped(unit)
        bits = _Bits(payload[:12])
        bits.u(8)
        bits.ue()
        bits.ue()
        bits.ue()
        number = bits.u(self._number_bits)
        self._last = (number + self._added) % (1 << self._number_bits)
        if not self._added:
            return unit
        head = int.from_bytes(payload[:12], "big")
        length = 8 * len(payload[:12])
        mask = (1 << self._number_bits) - 1 << length - bits.at
        head = head & ~mask | self._last << length - bits.at
        return _escaped(head.to_bytes(length // 8, "big") + payload[12:])

    def skip(self) -> bytes:
        """A packet that repeats the picture before it."""
        self._added += 1
        self._last = (self._last + 1) % (1 << self._number_bits)
        bits = _ue(0) + _ue(5) + _ue(0)  # first macroblock, P throughout, parameter set
        bits += f"{self._last:0{self._number_bits}b}"
        bits += "1" + _ue(0)  # exactly one active reference
        bits += "0" + "0"  # reference list as it is; sliding window
        bits += _ue(0)  # quantiser as in the parameter set
        if self._deblocking:
            bits += _ue(1)  # no deblocking
        bits += _ue(self._blocks) + "1"  # every macroblock skipped; stop bit
        bits += "0" * (-len(bits) % 8)
        return _START + _escaped(bytes([_HEAD]) + int(bits, 2).to_bytes(len(bits) // 8, "big"))
