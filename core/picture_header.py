"""What the first bytes of a picture say, read without any decoder: its kind, its size, where it ends.

A decoder may need a gigabyte before it can be asked how large a picture is; these few numbers cost nothing. Sources:
ITU-T T.81 (JPEG), the PNG specification (W3C, third edition), RFC 9649 (WebP).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

# What else people send, by how it begins: the refusal names it.
_OTHERS = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"PK\3\4", "ZIP"),
)
_PNG = b"\x89PNG\r\n\x1a\n"
# Frame headers of a JPEG: every SOF but those of the three tables that share the range.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_END, _SCAN = 0xD9, 0xDA


class NoPicture(Exception):
    """The content is no picture of a kind that is taken. `kind` names what it is, where that is known."""

    def __init__(self, kind: str = "") -> None:
        super().__init__(kind)
        self.kind = kind


class Broken(Exception):
    """It begins as a picture and does not go on as one."""


@dataclass(frozen=True)
class Header:
    """`kind` is JPEG, PNG or WEBP; `end` is the place of the first byte that no longer belongs to the picture."""

    kind: str
    width: int
    height: int
    animated: bool
    end: int


def read_header(content: bytes) -> Header:
    """The header of a picture. Raises NoPicture for anything else by its content, Broken where it is cut off."""
    readers = {b"\xff\xd8\xff": _jpeg, _PNG: _png}
    try:
        for begin, reader in readers.items():
            if content.startswith(begin):
                return reader(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError) as error:
        raise Broken from error
    raise NoPicture(_kind_of(content))


def _kind_of(content: bytes) -> str:
    for begin, kind in _OTHERS:
        if content.startswith(begin):
            return kind
    if content[4:8] == b"ftyp":
        return "HEIC" if content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc") else "MP4"
    text = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "SVG"
    return "HTML" if text.startswith((b"<!doctype html", b"<html")) else ""


def _jpeg(content: bytes) -> Header:
    size, end = (0, 0), len(content)
    for marker, at in _segments(content):
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            size = width, height
        elif marker == _END:
            end = at + 2
        if marker == _SCAN and 0 in size:
            break
    return _sized("JPEG", *size, end=end)


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of each segment. Stops where the file is cut off within a scan: the decoder says so."""
    at, marker = 2, 0
    while marker != _END and at >= 0:
        while content[at] == 0xFF and content[at + 1] == 0xFF:  # fill bytes
            at += 1
        if content[at] != 0xFF:
            raise Broken
        marker = content[at + 1]
        yield marker, at
        if marker != _END and marker not in _BARE:
            (length,) = struct.unpack_from(">H", content, at + 2)
            at += length
        at += 2
        if marker == _SCAN:
            at = _after_scan(content, at)


def _after_scan(content: bytes, at: int) -> int:
    """Where coded data ends: at the first marker that is no restart and no stuffed byte; -1 where none comes."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2
    return -1


def _png(content: bytes) -> Header:
    width, height = struct.unpack_from(">II", content, 16)
    at, animated = 8, False
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        at += 12 + length
        animated = animated or name == b"acTL"
        if name == b"IEND":
            break
    return _sized("PNG", width, height, animated=animated, end=min(at, len(content)))


def _webp(content: bytes) -> Header:
    (length,) = struct.unpack_from("<I", content, 4)
    end, first = min(8 + length, len(content)), content[12:16]
    if first == b"VP8X":
        flags = content[20]
        width, height = (1 + int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
        return _sized("WEBP", width, height, animated=bool(flags & 0x02), end=end)
    if first == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return _sized("WEBP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), end=end)
    if first == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return _sized("WEBP", width & 0x3FFF, height & 0x3FFF, end=end)
    raise Broken


def _sized(kind: str, width: int, height: int, *, end: int, animated: bool = False) -> Header:
    if not width or not height:
        raise Broken
    return Header(kind, width, height, animated, end)
