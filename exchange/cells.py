"""What a cell holds becomes a value, or a sentence that says why not. Pure: no database, no file.

A cell comes as JSON from the child that read it: None, text, a number, a truth value, or an object:
`{"d": "2013-05-08T00:00:00"}` a day, `{"p": 0.85}` a number shown as percent, `{"e": "#REF!"}` an error,
`{"f": true}` a formula that nobody has computed, `{"n": "nan"}` a number that is none.
Forms of days and numbers: domain.md 4.2 and 4.4.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from core import formats
from core.sentences import gettext as _
from core.sentences import joined, said
from exchange import written

Raw = Any
# Excel keeps so many digits of a number; of a longer code it has made zeros.
EXACT = 10**15
LONGEST_SHOWN = 40
EARLIEST, LATEST = dt.date(1949, 10, 1), dt.date(2099, 12, 31)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"\s+")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_NUMBER_AND_UNIT = re.compile(r"([+-]?[\d.,]+)(\D.*)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+", re.ASCII)
_DAY = re.compile(
    rf"(\d{{4}})[-/.{written.YEAR}](\d{{1,2}})[-/.{written.MONTH}](\d{{1,2}})[{written.DAY}]?"
    r"(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_NO_DAY = re.compile(rf"\d{{4}}[-/.{written.YEAR}]\d{{1,2}}{written.MONTH}?", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{2}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)
# Serials that can mean a day of this matter: 1954-10-03 to 2099-12-31. (Excel takes 1900 for a leap year.)
_SERIALS = range(20_000, 73_051)
_EXCEL_BEGAN = dt.date(1899, 12, 30)


class CellProblem(Exception):
    """The cell cannot be taken. `message` is the sentence for whoever wrote it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def shown(raw: Raw) -> str:
    """A cell as a person sees it in the sheet, for sentences and for the preview."""
    match raw:
        case None:
            return ""
        case bool():
            return "TRUE" if raw else "FALSE"
        case float() if raw.is_integer() and abs(raw) < EXACT:
            return str(int(raw))
        case float():
            return format(raw, ".15g")
        case Mapping():
            return _shown_object(raw)
    return str(raw)


def _shown_object(raw: Mapping[str, Any]) -> str:
    if "d" in raw:
        moment = str(raw["d"])
        return moment[:10] if moment.endswith("T00:00:00") else moment.replace("T", " ")
    if "p" in raw:
        return f"{_from_float(raw['p']) * 100:f}".rstrip("0").rstrip(".") + "%"
    return str(raw.get("e") or raw.get("n") or _("（公式）"))


def is_blank(raw: Raw) -> bool:
    """Whether nothing is written there, spaces and invisible signs not counted."""
    return raw is None or (isinstance(raw, str) and not _tidy(raw))


def text(raw: Raw, *, longest: int = 200) -> str:
    """Words: without blanks around them, line breaks as one blank, an apostrophe in front (Excel's sign for text) gone.

    Raises CellProblem where it is longer than `longest`, or an error of Excel.
    """
    _refuse_errors(raw)
    found = _tidy(shown(raw))
    if len(found) > longest:
        raise CellProblem(
            _("太长：%(have)s 个字，最多 %(most)s 个字。请缩短。") % {"have": len(found), "most": longest}
        )
    return found


def code(raw: Raw, *, longest: int = 50) -> str:
    """An identifier: half-width, without any blank, in capitals. Raises CellProblem where Excel spoilt its digits."""
    _refuse_errors(raw)
    if isinstance(raw, bool | Mapping):
        raise CellProblem(_("“%s”不是编号。请把这一列设为文本格式再填。") % _cut(shown(raw)))
    if isinstance(raw, int | float):
        if not math.isfinite(raw) or raw != int(raw):
            raise CellProblem(_("“%s”不是编号。请把这一列设为文本格式再填。") % _cut(shown(raw)))
        if abs(raw) >= EXACT:
            raise CellProblem(_spoilt(raw))
        raw = int(raw)
    found = _BLANKS.sub("", _half_width(str(raw))).upper()
    if _SCIENTIFIC.fullmatch(found) and "." in found:
        raise CellProblem(_spoilt(raw))
    return text(found, longest=longest)


def whole(
    raw: Raw, *, least: Decimal | int = 0, most: Decimal | int = 10**9, unit: str = "", held_in: str = ""
) -> int | None:
    """A whole number, None for an empty cell. 3.0 is 3. `held_in`: as in `decimal`. Raises CellProblem."""
    number = _in_own_unit(raw, unit, held_in) if held_in else _number(raw, unit)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise CellProblem(_("“%s”不是整数。这一列只填整数。") % _cut(shown(raw)))
    _require_between(number, Decimal(least), Decimal(most), unit)
    return int(number)


def decimal(
    raw: Raw,
    *,
    places: int = 2,
    least: Decimal | int = 0,
    most: Decimal | int = 10**9,
    unit: str = "",
    held_in: str = "",
) -> Decimal | None:
    """A number with at most `places` decimals, None for an empty cell.

    What Excel computed is rounded as Excel shows it; what somebody typed with more decimals is refused. `held_in` is
    the unit that the column's head names: what is told in it is converted where that is exact, else refused.
    """
    number = _in_own_unit(raw, unit, held_in) if held_in else _number(raw, unit)
    if number is None:
        return None
    exact = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if abs(number) < EXACT else number
    if held_in and exact != number:
        told = {"value": _cut(shown(raw)), "number": _plain(number), "places": places}
        told |= {"held": said(held_in), "unit": said(unit)}
        raise CellProblem(
            _(
                "表头以%(held)s计，“%(value)s”合 %(number)s %(unit)s，小数超过 %(places)s 位。"
                "换算成%(unit)s、留 %(places)s 位小数，再改表头里的单位。"
            )
            % told
        )
    if isinstance(raw, str) and exact != number:
        raise CellProblem(
            _("“%(value)s”小数太多，最多 %(places)s 位。") % {"value": _cut(shown(raw)), "places": places}
        )
    _require_between(exact, Decimal(least), Decimal(most), unit)
    return exact


def day(raw: Raw, *, earliest: dt.date = EARLIEST, latest: dt.date = LATEST) -> dt.date | None:
    """A day in any of the forms that are in use, None for an empty cell. Raises CellProblem."""
    found = _day(raw)
    if found is None:
        return None
    if not earliest <= found <= latest:
        told = {"day": found, "earliest": earliest, "latest": latest}
        raise CellProblem(_("日期 %(day)s 不对，应在 %(earliest)s 到 %(latest)s 之间。核对年份。") % told)
    return found


def choice(raw: Raw, choices: Sequence[tuple[str, str]]) -> str:
    """The code of the choice whose label (or code) stands there, empty for an empty cell. Raises CellProblem.

    A choice may have several labels, say in two languages; the first is the one that is offered.
    """
    _refuse_errors(raw)
    wanted = _key(shown(raw))
    found = {each for each, label in choices if wanted in (_key(label), _key(each))}
    if len(found) == 1:
        return found.pop()
    if wanted in written.NOTHING:
        return ""
    labels = list({**dict(choices), **dict(reversed(choices))}.values())
    offered = joined(_("、"), [said(label) for label in labels[:8]])
    more = _("等 %s 种") % len(labels) if len(labels) > 8 else ""
    raise CellProblem(
        _("没有“%(value)s”这一项。可填：%(offered)s%(more)s。")
        % {"value": _cut(shown(raw)), "offered": offered, "more": more}
    )


def yes_no(raw: Raw) -> bool | None:
    """Yes or no, None for an empty cell. Raises CellProblem."""
    _refuse_errors(raw)
    wanted = _key(shown(raw))
    if wanted in written.YES:
        return True
    if wanted in written.NO:
        return False
    if wanted in written.NOTHING:
        return None
    raise CellProblem(_("“%s”看不懂，请填“是”或“否”。") % _cut(shown(raw)))


def _number(raw: Raw, unit: str) -> Decimal | None:
    _refuse_errors(raw)
    match raw:
        case bool():
            raise CellProblem(_("“%s”不是数字。") % shown(raw))
        case int() | float():
            return _from_float(raw)
        case {"p": share}:
            return _from_float(share) * (100 if unit == "%" else 1)
        case {"d": _}:
            raise CellProblem(_("“%s”是日期，不是数字。请把单元格设为常规格式，再填一遍。") % shown(raw))
    return _from_text(str(raw or ""), unit)


def _in_own_unit(raw: Raw, unit: str, held_in: str) -> Decimal | None:
    """A number of a column that is held in another unit; one with the column's own unit behind it is as it stands."""
    parts = _NUMBER_AND_UNIT.fullmatch(_BLANKS.sub("", _half_width(raw)).lower()) if isinstance(raw, str) else None
    if parts is not None and parts[2] and parts[2] in written.UNITS.get(unit, frozenset()):
        return _number(raw, unit)
    number = _number(raw, held_in)
    if number is None:
        return None
    scale = next((scale for scale in written.SCALES if unit in scale and held_in in scale), None)
    if scale is None:
        told = {"held": said(held_in), "unit": said(unit)}
        raise CellProblem(_("表头的单位是%(held)s，这一列以%(unit)s计，换算不了。改好数和表头，再导入。") % told)
    sign, digits, power = number.as_tuple()
    assert isinstance(power, int)
    # By its power of ten alone: no digit is lost, however many there are.
    return Decimal((sign, digits, power + scale[held_in] - scale[unit]))


def _from_float(value: int | float) -> Decimal:
    if isinstance(value, int):
        return Decimal(value)
    if not math.isfinite(value):
        raise CellProblem(_("“%s”不是数字。") % value)
    # Fifteen digits are what Excel shows; the rest is noise of its arithmetic.
    return Decimal(format(value, ".15g"))


def _from_text(typed: str, unit: str) -> Decimal | None:
    found = _BLANKS.sub("", _half_width(typed)).lower()
    if found in written.NOTHING:
        return None
    for sign in ("\u2212", "\u2013", "\u2014"):
        found = found.replace(sign, "-")
    plain = _PLAIN.fullmatch(found) or _SCIENTIFIC.fullmatch(found)
    if plain is None:
        found = _without_unit(found, typed, unit)
    try:
        return Decimal(found)
    except InvalidOperation:
        raise CellProblem(_("“%s”不是数字。") % _cut(typed)) from None


def _without_unit(found: str, typed: str, unit: str) -> str:
    """The digits of `1,200万元`, where the unit is the column's own."""
    parts = _NUMBER_AND_UNIT.fullmatch(found)
    if parts is None:
        raise CellProblem(_("“%s”不是数字。只填数字，不写文字。") % _cut(typed))
    digits, suffix = parts.groups()
    if suffix and suffix not in written.UNITS.get(unit, frozenset()):
        if not unit:
            raise CellProblem(_("“%s”不是数字。只填数字，不写文字。") % _cut(typed))
        told = {"value": _cut(typed), "unit": said(unit)}
        raise CellProblem(_("“%(value)s”的单位不对，这一列以%(unit)s计。换算后只填数字。") % told)
    if "," in digits and not _GROUPED.fullmatch(digits):
        raise CellProblem(_("“%s”里的逗号位置不对，看不出是多少。去掉逗号再填。") % _cut(typed))
    return digits.replace(",", "")


def _require_between(number: Decimal, least: Decimal, most: Decimal, unit: str) -> None:
    if least <= number <= most:
        return
    told = {"value": _plain(number), "least": _plain(least), "most": _plain(most)}
    if number < least:
        raise CellProblem(
            _("%(value)s 太小，不能小于 %(least)s %(unit)s。") % (told | {"unit": said(unit)})
            if unit
            else _("%(value)s 太小，不能小于 %(least)s。") % told
        )
    raise CellProblem(
        _("%(value)s 太大，不能超过 %(most)s %(unit)s。核对单位和位数。") % (told | {"unit": said(unit)})
        if unit
        else _("%(value)s 太大，不能超过 %(most)s。核对位数。") % told
    )


def _plain(number: Decimal) -> str:
    if abs(number) >= EXACT:
        return f"{number:.3E}"
    return formats.thousands(int(number)) if number == number.to_integral_value() else f"{number.normalize():f}"


def _day(raw: Raw) -> dt.date | None:
    _refuse_errors(raw)
    match raw:
        case bool():
            raise CellProblem(_("“%s”不是日期，请写成 2013-05-08。") % shown(raw))
        case {"d": moment}:
            return dt.date.fromisoformat(str(moment)[:10])
        case int() | float() if float(raw).is_integer():
            return _day_of_number(int(raw))
        case int() | float() | {"p": _}:
            raise CellProblem(_("“%s”不是日期，请写成 2013-05-08。") % shown(raw))
    typed = _half_width(str(raw or "")).strip()
    found = _BLANKS.sub(" " if ":" in typed else "", typed)
    if found.lower() in written.NOTHING:
        return None
    parts = _DAY.fullmatch(found) or _DAY.fullmatch(found.replace(" ", ""))
    if parts:
        return _date(*parts.groups())
    if found.isascii() and found.isdigit():
        return _day_of_number(int(found))
    raise CellProblem(_why_no_day(found))


def _day_of_number(number: int) -> dt.date:
    parts = _COMPACT.fullmatch(str(number))
    if parts:
        return _date(*parts.groups())
    if number in _SERIALS:
        return _EXCEL_BEGAN + dt.timedelta(days=number)
    raise CellProblem(_("“%s”不是日期，请写成 2013-05-08。") % number)


def _date(year: str, month: str, number: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(number))
    except ValueError:
        raise CellProblem(
            _("没有 %(year)s 年 %(month)s 月 %(day)s 日这一天。")
            % {"year": year, "month": int(month), "day": int(number)}
        ) from None


def _why_no_day(found: str) -> str:
    if _NO_DAY.fullmatch(found):
        return _("“%s”缺“日”，请写到哪一天，如 2013-05-08。") % _cut(found)
    if _SHORT_YEAR.fullmatch(found):
        return _("“%s”看不出是哪一年，年份写四位并写在前面，如 2013-05-08。") % _cut(found)
    return _("“%s”不是日期，请写成 2013-05-08。") % _cut(found)


def _refuse_errors(raw: Raw) -> None:
    match raw:
        case {"e": error}:
            raise CellProblem(_("公式出错（%s）。请改好公式，或直接填值。") % error)
        case {"f": _}:
            raise CellProblem(_("公式还没有算出结果。请用 Excel 打开、保存一次，或直接填值。"))
        case {"n": number}:
            raise CellProblem(_("“%s”不是数字。") % number)


def _spoilt(raw: Raw) -> str:
    return _("“%s”已被 Excel 改成科学计数，后面的数字丢了。请把这一列设为文本格式，重新填写。") % _cut(shown(raw))


def _tidy(value: str) -> str:
    found = _BLANKS.sub(" ", _INVISIBLE.sub("", value)).strip()
    return found[1:].strip() if found.startswith(("'", "\u2018")) and not found.endswith(("'", "\u2019")) else found


def _half_width(value: str) -> str:
    return unicodedata.normalize("NFKC", _tidy(value))


@lru_cache(maxsize=4096)  # the same few words stand in thousands of cells
def _key(value: str) -> str:
    return _BLANKS.sub("", _half_width(value)).lower()


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST_SHOWN else value[: LONGEST_SHOWN - 1] + "…"
