"""Files that nobody should be able to upload, each made by hand."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.exchange.conftest import workbook

HEAD = [["编号", "名称"], ["XC-P-001", "金桥社区"]]
_NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def plain() -> bytes:
    """A workbook that is all right."""
    return workbook(HEAD)


def with_parts(extra: Mapping[str, bytes], *, replace: Mapping[str, bytes] | None = None) -> bytes:
    """A good workbook with these parts besides, or instead."""
    out, changed = io.BytesIO(), {**(replace or {})}
    with zipfile.ZipFile(io.BytesIO(plain())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, changed.pop(name, source.read(name)))
        for name, content in {**changed, **extra}.items():
            target.writestr(name, content)
    return out.getvalue()


def _sheet(rows: bytes, before: bytes = b"") -> dict[str, bytes]:
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    head = b'<?xml version="1.0" encoding="UTF-8"?>' + before
    return {
        "xl/worksheets/sheet1.xml": head + b"<worksheet " + main + b"><sheetData>" + rows + b"</sheetData></worksheet>"
    }


def bomb() -> bytes:
    """A hundred megabytes of blanks."""
    return with_parts({"xl/media/blank.xml": b" " * (100 * 1024 * 1024)})


def lying_bomb() -> bytes:
    """The same, while its headers say that it is small."""
    content = bytearray(bomb())
    size, lie = struct.pack("<L", 100 * 1024 * 1024), struct.pack("<L", 1000)
    return bytes(content.replace(size, lie))


def overlapping_bomb() -> bytes:
    """One packed part that the directory names a thousand times over."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b"0" * 1_000_000) + packed.flush()
    name = b"a.xml"
    crc = zlib.crc32(b"0" * 1_000_000)
    sizes = struct.pack("<LLL", crc, len(body), 1_000_000)
    local = struct.pack("<4s5H", b"PK\x03\x04", 20, 0, 8, 0, 0) + sizes + struct.pack("<2H", len(name), 0) + name + body
    entry = b"".join(
        struct.pack("<4s6H", b"PK\x01\x02", 20, 20, 0, 8, 0, 0)
        + sizes
        + struct.pack("<5H2L", 9, 0, 0, 0, 0, 0, 0)
        + f"{number:05}.xml".encode()
        for number in range(900)
    )
    return local + entry + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 900, 900, len(entry), len(local), 0)


def many_parts() -> bytes:
    """Thousands of parts."""
    return with_parts({f"xl/media/{number}.bin": b"" for number in range(2000)})


def far_cell() -> bytes:
    """A value in the last cell that Excel has."""
    return with_parts({}, replace=_sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def entities() -> bytes:
    """The billion laughs."""
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return with_parts({}, replace=_sheet(b"<row/>", declared))


def entities_in_utf16() -> bytes:
    """The same, hidden in another encoding."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "aaa">]><worksheet/>'
    return with_parts({}, replace={"xl/worksheets/sheet1.xml": text.encode("utf-16")})


def macros() -> bytes:
    """A macro project, under the name of a plain workbook."""
    return with_parts({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def external() -> bytes:
    """A link to another workbook."""
    return with_parts({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})


def external_target() -> bytes:
    """A picture that would be fetched from elsewhere."""
    relation = '<Relationship TargetMode="External" Id="r1" Type="http://x/image" Target="http://x/a.png"/>'
    content = f"<Relationships {_NAMESPACE}>{relation}</Relationships>".encode()
    return with_parts({"xl/worksheets/_rels/sheet1.xml.rels": content})


def embedded() -> bytes:
    """Another file inside."""
    return with_parts({"xl/embeddings/oleObject1.bin": b"MZ"})


def encrypted() -> bytes:
    """What Excel makes of a workbook with a password: an OLE file."""
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600


def old_excel() -> bytes:
    """The beginning of an .xls."""
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\x00" * 600 + "Workbook".encode("utf-16-le") + b"\x00" * 600


def renamed_html() -> bytes:
    """A table of a web page, as many systems hand it out under the name of Excel."""
    return "\ufeff<html><body><table><tr><td>编号,名称</td></tr></table></body></html>".encode()


def picture() -> bytes:
    """A picture, as far as anybody looks here."""
    return b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


def polyglot_front() -> bytes:
    """A picture with a workbook behind it."""
    return b"\xff\xd8\xff\xe0" + b"\x00" * 200 + plain()


def polyglot_back() -> bytes:
    """A workbook with a page behind it."""
    return plain() + b"<html><script>alert(1)</script></html>"


def cut_off() -> bytes:
    """Half a workbook."""
    return plain()[: len(plain()) // 2]


def word_document() -> bytes:
    """A zip that is no workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/document.xml", "<document/>")
    return out.getvalue()


# What is refused, by what code, and the words of the sentence that tell the way out.
FILES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "bomb": (bomb, "bomb", "解压后大得不正常"),
    "lying bomb": (lying_bomb, "bomb", "解压后大得不正常"),
    "overlapping bomb": (overlapping_bomb, "bomb", "解压后大得不正常"),
    "many parts": (many_parts, "parts", "部件太多"),
    "far cell": (far_cell, "far", "离表格太远"),
    "entities": (entities, "dtd", "XML 实体声明"),
    "entities in UTF-16": (entities_in_utf16, "dtd", "XML 实体声明"),
    "macros": (macros, "macros", "文件带宏"),
    "external link": (external, "external", "引用了别的文件"),
    "external target": (external_target, "external", "引用了别的文件"),
    "embedded file": (embedded, "embedded", "嵌有别的文件"),
    "encrypted": (encrypted, "encrypted", "去掉打开密码"),
    ".xls": (old_excel, "xls", "旧版 Excel"),
    "renamed HTML": (renamed_html, "html", "这是网页"),
    "picture": (picture, "picture", "这是图片"),
    "polyglot, picture first": (polyglot_front, "picture", "这是图片"),
    "polyglot, page behind": (polyglot_back, "polyglot", "夹着别的内容"),
    "cut off": (cut_off, "damaged", "损坏或没有传完"),
    "document": (word_document, "not_xlsx", "不是 Excel 表格"),
    "binary": (lambda: bytes(range(256)) * 20, "binary", "看不出这是什么文件"),
    "plain text": ("只是一段话".encode, "no_table", "不是表格"),
    "UTF-16 text": (lambda: "编号\t名称\n".encode("utf-16"), "utf16", "UTF-16"),
    "empty": (bytes, "empty", "文件是空的"),
    "too large": (lambda: b"a,b\n" * 3_000_000, "too_large", "最多 10 MB"),
}
