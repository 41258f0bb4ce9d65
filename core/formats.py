"""How the portal writes numbers and dates (docs/interface.md, “Numbers”). Plain text; the filters add the marking.

Every function takes None for “not known” and answers 不清楚; none of them raises for a number or a date.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

Number = int | float | Decimal

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EM DASH}"
UP, DOWN = "▲", "▼"


def unknown() -> str:
    """The word for a value that nobody knows; never 0."""
    return _("不清楚")


def _exact(value: Number) -> Decimal:
    """A Decimal without the noise of a float's binary tail."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def decimal(value: Number | None, places: int = 2) -> str:
    """`1860.5` → `1,860.50`; halves round away from zero, a minus is U+2212."""
    if value is None:
        return unknown()
    step = Decimal(1).scaleb(-places)
    rounded = _exact(value).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{places}f}"
    return MINUS + text if rounded < 0 else text


def thousands(value: Number | None) -> str:
    """A count: `1860` → `1,860`."""
    return decimal(value, 0)


def money(value: Number | None) -> str:
    """万元 with two decimals; the unit stands in the head of the column."""
    return decimal(value, 2)


def percent(ratio: Number | None, places: int = 1) -> str:
    """A ratio: `0.715` → `71.5%`."""
    return unknown() if ratio is None else f"{decimal(_exact(ratio) * 100, places)}%"


def rate(numerator: Number | None, denominator: Number | None) -> str:
    """`236, 330` → `71.5%`; — where the denominator is 0, since there is nothing to be a part of."""
    if numerator is None or denominator is None:
        return unknown()
    if denominator == 0:
        return DASH
    return percent(_exact(numerator) / _exact(denominator))


def signed(value: Number | None, places: int = 1) -> str:
    """`2.5` → `+2.5`, `-3.4` → `−3.4`, nothing gained or lost → `持平`."""
    if value is None:
        return DASH
    text = decimal(value, places)
    if not text.strip("0.,"):
        return _("持平")
    return text if text.startswith(MINUS) else f"+{text}"


def points(value: Number | None) -> str:
    """A difference of percentages, given in percentage points: `55` → `+55.0 个百分点`."""
    text = signed(value)
    return text if text in (DASH, _("持平")) else _("%(points)s 个百分点") % {"points": text}


def change(value: Number | None) -> str:
    """A difference of counts: `▲ 12`, `▼ 3`, `持平`; None (nothing to compare with) → —."""
    if value is None:
        return DASH
    if value == 0:
        return _("持平")
    return f"{UP if value > 0 else DOWN} {thousands(abs(_exact(value)))}"


def change_words(value: Number | None, rank: bool = False) -> str:
    """The same difference as words, for those who hear the page."""
    if value is None:
        return _("没有可比的数")
    if value == 0:
        return _("持平")
    amount = {"n": thousands(abs(_exact(value)))}
    if rank:
        return (_("上升 %(n)s 名") if value > 0 else _("下降 %(n)s 名")) % amount
    return (_("增加 %(n)s") if value > 0 else _("减少 %(n)s")) % amount


def _local(moment: dt.date) -> dt.date:
    """An instant as seen on the city's clock; a day as it is."""
    return timezone.localtime(moment) if isinstance(moment, dt.datetime) and timezone.is_aware(moment) else moment


def day(value: dt.date | None) -> str:
    """`2013-12-20`."""
    return unknown() if value is None else f"{_local(value):%Y-%m-%d}"


def day_short(value: dt.date | None) -> str:
    """`12-20`, in lists of one year."""
    return unknown() if value is None else f"{_local(value):%m-%d}"


def day_sentence(value: dt.date | None) -> str:
    """`1 月 6 日（星期一）`, inside sentences."""
    if value is None:
        return unknown()
    local = _local(value)
    weekdays = [_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日")]
    parts = {"month": local.month, "day": local.day, "weekday": weekdays[local.weekday()]}
    return _("%(month)d 月 %(day)d 日（%(weekday)s）") % parts


def moment(value: dt.datetime | None, with_year: bool = False) -> str:
    """`02-28 09:42`, or with its year `2014-02-28 09:42`."""
    if value is None:
        return unknown()
    return _local(value).strftime("%Y-%m-%d %H:%M" if with_year else "%m-%d %H:%M")


def clock(value: dt.datetime | dt.time | None) -> str:
    """`14:32`, 24 hours."""
    if value is None:
        return unknown()
    local = value if isinstance(value, dt.time) else _local(value)
    return local.strftime("%H:%M")


def quarter_title(value: object) -> str:
    """`2013Q4` (or anything that writes itself so) → `2013 年第四季度`; other text is left as it is."""
    found = re.fullmatch(r"(\d{4})Q([1-4])", str(value))
    if not found:
        return str(value)
    names = [_("第一季度"), _("第二季度"), _("第三季度"), _("第四季度")]
    return _("%(year)s 年%(quarter)s") % {"year": found[1], "quarter": names[int(found[2]) - 1]}
