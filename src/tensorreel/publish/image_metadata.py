"""Texts inside pictures, byte by byte: no pixel is touched, and what is taken out again leaves the old file.

GIF comments (GIF89a, section 24), PNG ``iTXt`` (PNG 3rd edition, 11.3.3), the XMP chunk of WebP (RFC 9649),
and title, desc and metadata of SVG.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

_PNG = b"\x89PNG\r\n\x1a\n"
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10


def gif_with(data: bytes, comment: str) -> bytes:
    """A GIF with a comment in front of its first picture."""
    if data[:6] != b"GIF89a":
        raise ValueError("not a GIF")
    table = 3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    at, text = 13 + table, comment.encode()
    blocks = b"".join(bytes([len(b)]) + b for b in (text[i : i + 255] for i in range(0, len(text), 255)))
    return data[:at] + b"\x21\xfe" + blocks + b"\0" + data[at:]


def png_with(data: bytes, texts: Mapping[str, str]) -> bytes:
    """A PNG with texts by keyword, behind its header."""
    if data[:8] != _PNG:
        raise ValueError("not a PNG")
    at = 8 + 12 + struct.unpack(">I", data[8:12])[0]
    chunks = b"".join(
        _png_chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + text.encode())
        for key, text in texts.items()
    )
    return data[:at] + chunks + data[at:]


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def webp_with(data: bytes, xmp: str, size: tuple[int, int]) -> bytes:
    """A WebP of ``size`` pixels with an XMP packet at its end."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("not a WebP")
    body = data[12:]
    if body[:4] == b"VP8X":
        body = body[:8] + bytes([body[8] | _XMP_FLAG]) + body[9:]
    else:
        sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
        body = _riff_chunk(b"VP8X", bytes([_XMP_FLAG | _ALPHA_FLAG, 0, 0, 0]) + sides) + body
    body += _riff_chunk(b"XMP ", xmp.encode())
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def xmp_of(title: str, descriptions: Mapping[str, str], source: str) -> str:
    """An XMP packet: title, description by language (the first one is the default), and where it comes from."""
    default = next(iter(descriptions.values()))
    items = "".join(
        f"<rdf:li xml:lang={quoteattr(lang)}>{escape(text)}</rdf:li>"
        for lang, text in {"x-default": default, **descriptions}.items()
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:description><rdf:Alt>{items}</rdf:Alt></dc:description>"
        f"<dc:source>{escape(source)}</dc:source>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def svg_with(text: str, title: str, description: str, source: str, lang: str) -> str:
    """An SVG that says what it shows (for screen readers) and where it comes from."""
    head = re.search(r"<svg\b[^>]*>", text)
    if head is None:
        raise ValueError("not an SVG")
    opened = f'{head[0][:-1]} role="img" xml:lang={quoteattr(lang)} aria-labelledby="title desc">'
    told = (
        f'<title id="title">{escape(title)}</title><desc id="desc">{escape(description)}</desc>'
        f"<metadata>{escape(source)}</metadata>"
    )
    return text[: head.start()] + opened + told + text[head.end() :]
