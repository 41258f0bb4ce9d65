"""Looks at an uploaded file before anything parses it: only a plain xlsx workbook or CSV text goes on.

Judged by content, never by name. Costs well under a second whatever the file is: what is unpacked is bounded.
"""

from __future__ import annotations

import codecs
from enum import StrEnum
from typing import IO

from django.utils.translation import gettext as _

from core import formats
from core.errors import RuleViolation
from exchange import guard_zip

MOST_BYTES = 10 * 1024 * 1024
# A line of a CSV that is longer is no line of a table.
LONGEST_LINE = 64 * 1024
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ZIP = b"PK\x03\x04"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x05\x06", b"PK\x07\x08")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Format(StrEnum):
    """What goes on."""

    XLSX = "xlsx"
    CSV = "csv"


class Refused(RuleViolation):
    """The file is not taken; `code` names the reason for programs and tests."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, field="file")
        self.code = code


def inspect(file: IO[bytes], size: int) -> Format:
    """What kind of table the file is. Leaves it at its beginning.

    Raises Refused with a sentence that says what it is and what to do instead.
    """
    try:
        return _inspect(file, size)
    finally:
        file.seek(0)


def _inspect(file: IO[bytes], size: int) -> Format:
    if size == 0:
        raise Refused("empty", _("文件是空的。请选填好的表。"))
    if size > MOST_BYTES:
        told = {"have": formats.decimal(size / 1024**2, 1), "most": MOST_BYTES // 1024**2}
        raise Refused("too_large", _("文件有 %(have)s MB，最多 %(most)s MB。删掉图片和空白行，或分几次导入。") % told)
    head = file.read(4096)
    if head.startswith(_ZIP):
        _check_zip(file, size)
        return Format.XLSX
    _refuse_known(head, file)
    _check_csv(file)
    return Format.CSV


def _check_zip(file: IO[bytes], size: int) -> None:
    try:
        guard_zip.check(file, size)
    except guard_zip.Suspicious as found:
        raise Refused(found.code, _sentence(found.code)) from found


def _sentence(code: str) -> str:
    """What is wrong with a zip, and the way out."""
    sentences = {
        "bomb": _("文件解压后大得不正常，没有打开。请把数据复制到新建的工作簿，再导入。"),
        "parts": _("文件里的部件太多，不像普通表格。请把数据复制到新建的工作簿，再导入。"),
        "polyglot": _("文件里夹着别的内容，没有打开。请用 Excel 或 WPS 另存为 .xlsx，再导入。"),
        "damaged": _("文件损坏或没有传完。请用 Excel 或 WPS 打开，另存为 .xlsx，再导入。"),
        "dtd": _("文件里有 XML 实体声明，正常的表格没有。请把数据复制到新建的工作簿，再导入。"),
        "far": _("有内容的单元格离表格太远，没有打开。请删掉它，或把数据复制到新建的工作簿，再导入。"),
        "macros": _("文件带宏，不能导入。请另存为“Excel 工作簿（.xlsx）”，再导入。"),
        "external": _("文件引用了别的文件或外部数据。请断开链接，或把公式复制为数值，再导入。"),
        "embedded": _("文件里嵌有别的文件或控件。请删掉它们，或把数据复制到新建的工作簿，再导入。"),
        "encrypted": _("文件加了密码，打不开。请去掉打开密码，再导入。"),
        "not_xlsx": _("这是压缩包或别的文档，不是 Excel 表格。请选 .xlsx 或 .csv 文件。"),
        "xlsb": _("这是二进制工作簿（.xlsb）。请另存为 .xlsx，再导入。"),
        "ods": _("这是 OpenDocument 表格（.ods）。请另存为 .xlsx，再导入。"),
    }
    return sentences[code]


def _refuse_known(head: bytes, file: IO[bytes]) -> None:
    if head.startswith(_OLE):
        if _ENCRYPTED in head + file.read(MOST_BYTES):
            raise Refused("encrypted", _sentence("encrypted"))
        raise Refused("xls", _("这是旧版 Excel 文件（.xls）。请另存为 .xlsx，再导入。"))
    plain = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if plain.startswith((b"<", b"mime-version")):
        raise Refused("html", _("这是网页，只是改了扩展名。请用 Excel 打开，另存为 .xlsx，再导入。"))
    if head.startswith(_PICTURES):
        raise Refused("picture", _("这是图片，不是表格。请选 .xlsx 或 .csv 文件。"))
    if head.startswith(_ARCHIVES):
        raise Refused("not_xlsx", _sentence("not_xlsx"))
    if head.startswith(_UTF16):
        raise Refused("utf16", _("这份文本是 UTF-16 编码。请另存为“CSV UTF-8”或 .xlsx，再导入。"))
    if head.startswith((b"%PDF", b"{\\rtf")):
        raise Refused("document", _("这是文档，不是表格。请选 .xlsx 或 .csv 文件。"))


def _check_csv(file: IO[bytes]) -> None:
    """Text in UTF-8 or GB18030, in lines of a bearable length, with at least one separator."""
    file.seek(0)
    content = file.read(MOST_BYTES + 1)
    if any(byte in content for byte in (b"\x00", b"\x01", b"\x02", b"\x1b")) or encoding_of(content) is None:
        raise Refused("binary", _("看不出这是什么文件。请选 .xlsx 或 .csv 文件。"))
    lines = content.splitlines()
    if max(map(len, lines), default=0) > LONGEST_LINE or not any(b"," in line or b"\t" in line for line in lines[:50]):
        raise Refused("no_table", _("这是文本，但不是表格：没有用逗号分开的列。请选 .xlsx 或 .csv 文件。"))


def encoding_of(content: bytes) -> str | None:
    """`utf-8-sig` or `gb18030`, None where the bytes are neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None
