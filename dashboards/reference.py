"""The register of published figures: what the city said in February 2014, word for word."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from core.reference import Loaded, upsert
from dashboards.models import PublishedFigure

PUBLISHED_ON = dt.date(2014, 2, 26)
_SOURCE = "人民网 2014-02-26《关于湖北省孝感市三类新社区和三个“1+X”服务体系建设创新成果的说明》"
_PLANNED = "全市共规划建设城乡三类新社区89个(城市新社区40个、城镇新社区25个、农村新社区24个)"
_STANDARDISED = "目前已完成236个城乡社区综合服务中心规范化建设,占现有城乡社区总数的71.5%"
_ORGANISATIONS = "全市共设立社区党组织1860个、自治组织8132个、社会组织1336个"
# Indicator, type, value, wording, where in the text.
_FIGURES: list[tuple[str, str, str, str, str]] = [
    ("planned", "all", "89", _PLANNED, "四（四）"),
    ("planned", "city", "40", _PLANNED, "四（四）"),
    ("planned", "town", "25", _PLANNED, "四（四）"),
    ("planned", "rural", "24", _PLANNED, "四（四）"),
    ("started", "all", "82", "目前已开工建设82个", "四（四）"),
    ("centres_begun", "all", "72", "目前,已有72个新社区综合服务中心主体工程动工", "四（四）"),
    ("centres_built", "all", "49", "其中49个已基本建成", "四（四）"),
    (
        "existing",
        "all",
        "330",
        f"推算，原文没有直接写：236 ÷ 71.5% ≈ 330，且只有 330 四舍五入后合得上。原文：{_STANDARDISED}",
        "四（五），推算",
    ),
    ("standardised", "all", "236", _STANDARDISED, "四（五）"),
    ("standardised_rate", "all", "71.5", _STANDARDISED, "四（五）"),
    ("party_organisations", "all", "1860", _ORGANISATIONS, "四（五）"),
    ("autonomous_organisations", "all", "8132", _ORGANISATIONS, "四（五）"),
    ("social_organisations", "all", "1336", _ORGANISATIONS, "四（五）"),
    ("pilots", "all", "24", "派驻24个工作队,对24个新社区建设试点实行 “一对一”服务", "四（三）"),
]


def load() -> list[Loaded]:
    """The figures published on 26 February 2014, set beside the last quarter of 2013."""
    key = ("indicator", "year", "number", "type", "published_on")
    return [upsert(PublishedFigure, map(_row, _FIGURES), key=key)]


def _row(figure: tuple[str, str, str, str, str]) -> dict[str, Any]:
    indicator, kind, value, wording, place = figure
    return {
        "indicator": indicator,
        "year": 2013,
        "number": 4,
        "type": kind,
        "value": Decimal(value),
        "published_on": PUBLISHED_ON,
        "wording": wording,
        "source": f"{_SOURCE}{place}",
    }
