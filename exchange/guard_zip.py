"""Looks into a zip without believing it: every part is inflated and counted, within bounds, and searched.

What the headers say of sizes is only compared with what is there. Pure: no Django.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MOST_PARTS = 1_000
MOST_UNPACKED = 64 * 1024 * 1024
# A table of ten thousand rows shrinks to a tenth; a bomb to a thousandth.
MOST_RATIO = 120
RATIO_FROM = 1024 * 1024
LARGEST_RELATIONS = 512 * 1024
_CHUNK = 256 * 1024
_LOCAL = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
# So much of a piece is searched again with the next one: longer than anything that is searched for.
_OVERLAP = 128
# A part may be followed by its sizes: 12 to 24 bytes.
_DESCRIPTOR = 24
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)")
_MACRO_TYPE = re.compile(rb"macroEnabled|vbaProject|\.xlm", re.IGNORECASE)
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>", re.IGNORECASE | re.DOTALL)
_EXTERNAL_TARGET = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
# A cell with content below row 100,000 or beyond column ZZ: no table of anybody's, but memory for a careless reader.
_FAR = re.compile(rb'<c r="(?:[A-Z]{3}[0-9]+|[A-Z]{1,2}[0-9]{6,})"(?:[^>]*[^/>])?>')
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.IGNORECASE)
_XML_SUFFIXES = (".xml", ".rels", ".vml")
_MACRO_PARTS = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "vbadata")
_EXTERNAL_PARTS = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "xl/model/")
_EMBEDDED_PARTS = ("xl/embeddings/", "xl/activex/", "xl/ctrlprops/", "xl/webextensions/")


class Suspicious(Exception):
    """Not a plain workbook. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class _Budget:
    """How much may still be unpacked."""

    left: int = MOST_UNPACKED


def check(file: IO[bytes], size: int) -> None:
    """Raises Suspicious unless the file is a plain xlsx workbook and nothing else."""
    parts = _directory(file, size)
    names = [part.filename.lower().replace("\\", "/") for part in parts]
    _check_kind(names)
    budget = _Budget()
    for part, name in zip(parts, names, strict=True):
        _check_part(file, part, name, budget)


def _directory(file: IO[bytes], size: int) -> list[zipfile.ZipInfo]:
    """The parts, if the zip is whole: it begins with the first one, ends with its directory, and none overlap."""
    _require_clean_end(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            directory = archive.start_dir
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise Suspicious("damaged") from error
    if len(parts) > MOST_PARTS:
        raise Suspicious("parts")
    if len({part.filename.lower() for part in parts}) != len(parts):
        raise Suspicious("polyglot")
    at = 0
    for part in sorted(parts, key=lambda each: each.header_offset):
        _require_adjoining(at, part.header_offset)
        at = _content_of(file, part) + part.compress_size
    _require_adjoining(at, directory)
    return parts


def _require_adjoining(end: int, start: int) -> None:
    """Parts follow each other: none twice over the same bytes, and no room for anything else between them."""
    if start < end:
        raise Suspicious("bomb")
    if start > end + _DESCRIPTOR:
        raise Suspicious("polyglot")


def _content_of(file: IO[bytes], part: zipfile.ZipInfo) -> int:
    """Where the part's packed content begins, by its own header. Leaves the file there."""
    file.seek(part.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Suspicious("damaged")
    name_length, extra_length = _LOCAL.unpack(header)[9:11]
    return file.seek(name_length + extra_length, 1)


def _require_clean_end(file: IO[bytes], size: int) -> None:
    """Nothing follows the zip's own last record, and it has no comment to hide something in."""
    file.seek(max(0, size - _END.size))
    tail = file.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\x05\x06") or _END.unpack(tail)[-1]:
        file.seek(max(0, size - 66_000))
        raise Suspicious("polyglot" if b"PK\x05\x06" in file.read() else "damaged")


def _check_kind(names: list[str]) -> None:
    if any(name.startswith(_MACRO_PARTS) or "vbaproject" in name for name in names):
        raise Suspicious("macros")
    if any(name.startswith(_EXTERNAL_PARTS) for name in names):
        raise Suspicious("external")
    if any(name.startswith(_EMBEDDED_PARTS) for name in names):
        raise Suspicious("embedded")
    if "encryptedpackage" in names:
        raise Suspicious("encrypted")
    if "xl/workbook.bin" in names:
        raise Suspicious("xlsb")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise Suspicious("ods" if "meta-inf/manifest.xml" in names and "content.xml" in names else "not_xlsx")


def _check_part(file: IO[bytes], part: zipfile.ZipInfo, name: str, budget: _Budget) -> None:
    if part.flag_bits & 0x1:
        raise Suspicious("encrypted")
    unpacked, before, kept = 0, b"", bytearray()
    keep = name.endswith(".rels") or name == "[content_types].xml"
    for piece in _inflated(file, part):
        unpacked += len(piece)
        budget.left -= len(piece)
        _require_moderate(unpacked, part.compress_size, budget.left)
        if name.endswith(_XML_SUFFIXES):
            _search(before + piece, name, at_start=not before)
            before = piece[-_OVERLAP:]
        if keep:
            kept += piece
            _require_moderate(len(kept), part.compress_size, LARGEST_RELATIONS - len(kept))
    if unpacked != part.file_size:
        raise Suspicious("damaged")
    if keep:
        _check_relations(bytes(kept), name)


def _require_moderate(unpacked: int, packed: int, left: int) -> None:
    if left < 0 or (unpacked > RATIO_FROM and unpacked > MOST_RATIO * max(1, packed)):
        raise Suspicious("bomb")


def _search(piece: bytes, name: str, *, at_start: bool) -> None:
    """A declaration of entities; an encoding in which it could hide from this search; a cell far from everything."""
    if (at_start and not _is_plain_text(piece)) or b"\x00" in piece or (b"<!" in piece and _DTD.search(piece)):
        raise Suspicious("dtd")
    if name.startswith("xl/worksheets/") and _FAR.search(piece):
        raise Suspicious("far")


def _is_plain_text(beginning: bytes) -> bool:
    declared = _ENCODING.match(beginning)
    return declared is None or declared.group(1).lower() in (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1")


def _check_relations(content: bytes, name: str) -> None:
    if name == "[content_types].xml":
        if _MACRO_TYPE.search(content):
            raise Suspicious("macros")
        return
    for relation in _RELATION.findall(content):
        if _EXTERNAL_TARGET.search(relation) and not _HYPERLINK.search(relation):
            raise Suspicious("external")


def _inflated(file: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What the part really unpacks to, in pieces of a bounded size."""
    _content_of(file, part)
    left = part.compress_size
    if part.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (piece := file.read(min(left, _CHUNK))):
            left -= len(piece)
            yield piece
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Suspicious("damaged")
    yield from _deflated(file, left)


def _deflated(file: IO[bytes], left: int) -> Iterator[bytes]:
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not machine.eof:
            packed = machine.unconsumed_tail
            if not packed:
                packed = file.read(min(left, _CHUNK))
                left -= len(packed)
                if not packed:
                    break
            if piece := machine.decompress(packed, _CHUNK):
                yield piece
    except zlib.error as error:
        raise Suspicious("damaged") from error
    if not machine.eof or left or machine.unused_data:
        raise Suspicious("damaged")
