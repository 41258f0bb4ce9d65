"""Cross-checks of what a report says: what cannot be, and what may be right but asks for a sentence.

None of the functions asks the database: who calls has the last approved values already (`report_reads.prefill`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import formats
from core.sentences import gettext as _
from core.sentences import said
from facilities.models import ProgressReport, Project
from facilities.money import ARRIVED, PAID, ZERO, Source, known_total
from facilities.percent_ranges import PERCENT_OF_STAGE, SOURCE
from facilities.report_workflow import CUMULATIVE, HOUSING_COUNTS
from facilities.workflow import Stage

Values = Mapping[str, Any]


@dataclass(frozen=True)
class SoftWarning:
    """Something that may be right and asks for a sentence. `field` is where it is shown, `source` how sure it is."""

    field: str
    message: str
    source: str


def label_of(field: str) -> str:
    """A content field's name on forms."""
    return said(ProgressReport._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def hard_errors(values: Values, before: Values) -> dict[str, str]:
    """What cannot be, by field: a cumulative number below the last approved one, more handed over than topped out …

    `values` are content fields, missing ones are not judged; `before` is what `prefill` gives.
    """
    found: dict[str, str] = {}
    for field in CUMULATIVE:
        last, now = before.get(field), values.get(field)
        if last is not None and now is None and field in values:
            found[field] = _("上月是 %(last)s，这个月不能空着。") % {"last": _amount(last)}
        elif last is not None and now is not None and now < last:
            found[field] = _fell(field, last, now)
    for more, less in zip(HOUSING_COUNTS, HOUSING_COUNTS[1:], strict=False):
        of, part = values.get(more), values.get(less)
        if part is not None and less not in found and part > (of or 0):
            found[less] = _("%(less)s %(part)d 套，%(more)s只有 %(of)d 套。") % {
                "less": label_of(less),
                "part": part,
                "more": label_of(more),
                "of": of or 0,
            }
    return found


def too_high(values: Values, later: ProgressReport | None) -> dict[str, str]:
    """Cumulative numbers above the next approved month's, by field: that month would fall. None: there is no such."""
    found: dict[str, str] = {}
    if later is None:
        return found
    for field in CUMULATIVE:
        now, then = values.get(field), getattr(later, field)
        if now is not None and (then is None or now > then):
            facts = {"label": label_of(field), "month": later.month, "now": _amount(now)}
            told = _("空") if then is None else _amount(then)
            sentence = _(
                "%(label)s不能比后面的月份多。%(month)s 的月报是“%(then)s”，这里填了 %(now)s。先更正 %(month)s 的月报。"
            )
            found[field] = sentence % (facts | {"then": told})
    return found


def _fell(field: str, last: Any, now: Any) -> str:
    unit = _("万元") if isinstance(last, Decimal) else _("套")
    facts = {"label": label_of(field), "last": _amount(last), "now": _amount(now), "less": _amount(last - now)}
    sentence = _(
        "%(label)s不能比上月少。上月 %(last)s，本月填了 %(now)s，少 %(less)s %(unit)s。上月数如有错，请更正上月的月报。"
    )
    return sentence % (facts | {"unit": unit})


def _amount(value: Any) -> str:
    return formats.money(value) if isinstance(value, Decimal) else formats.thousands(value)


def soft_warnings(
    project: Project,
    values: Values,
    *,
    before: Values | None = None,
    invested: Decimal | None = None,
    papers: Mapping[int, str] | None = None,
) -> list[SoftWarning]:
    """What is odd in `values` (content fields; missing ones are not judged), also against `before` (a prefill).

    `invested` is what had been invested before the month, `papers` what proves a stage (`evidence_asked`). No warning
    refuses anything: who reports answers in `explanation`, and the reviewer sees both. The ranges are made up from
    common practice (推定).
    """
    checks = (
        *_progress_warnings(values, before or {}),
        *_paper_warnings(values, before or {}, papers or {}),
        *_money_warnings(project, values, before or {}, invested),
        *_housing_warnings(project, values),
    )
    return [SoftWarning(field, message, str(SOURCE)) for field, message in checks]


def _progress_warnings(values: Values, known: Values) -> Iterator[tuple[str, str]]:
    stage, percent = values.get("stage"), values.get("percent")
    if stage is not None and percent is not None:
        low, high = PERCENT_OF_STAGE[int(stage)]
        if not low <= percent <= high:
            message = _(
                "进度 %(percent)d%%，阶段是“%(stage)s”，一般在 %(low)d%% 到 %(high)d%% 之间。属实请写一句说明。"
            )
            yield "percent", message % {"percent": percent, "stage": Stage(int(stage)).label, "low": low, "high": high}
    if percent is not None and known.get("percent") is not None and percent < known["percent"]:
        message = _("上次通过的进度是 %(before)d%%，这次 %(now)d%%，少了。属实请写一句说明。")
        yield "percent", message % {"before": known["percent"], "now": percent}
    day: dt.date | None = values.get("stage_on")
    if stage is not None and day is not None and known.get("stage") not in (None, stage) and day == known["stage_on"]:
        yield "stage_on", _("阶段变了，到达日期还是上一步的 %(day)s。核对一下日期。") % {"day": day}


def _paper_warnings(values: Values, known: Values, papers: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Another stage without the papers that its definition names."""
    stage, basis = values.get("stage"), values.get("stage_basis")
    if stage is None or basis is None or known.get("stage") in (None, stage):
        return
    told = {"stage": Stage(int(stage)).label, "papers": papers.get(int(stage), ""), "basis": basis}
    if not papers_missing(told["papers"], basis, known["stage_basis"]):
        return
    if basis:
        message = _(
            "阶段变了，认定依据还是上一步的“%(basis)s”；“%(stage)s”凭%(papers)s认定。改写依据，一时没有的写一句说明。"
        )
    else:
        message = _("“%(stage)s”凭%(papers)s认定，认定依据还空着。补上，一时没有的写一句说明。")
    yield "stage_basis", message % told


def papers_missing(asked: str, basis: str, before: str) -> bool:
    """Whether a new stage lacks the papers `asked` for: no basis, or the last stage's (`before`), which is no such."""
    return bool(asked) and (not basis or (basis == before and basis not in asked))


def _money_warnings(
    project: Project, values: Values, known: Values, invested: Decimal | None
) -> Iterator[tuple[str, str]]:
    arrived, paid = known_total(values, ARRIVED), known_total(values, PAID)
    yield from _source_warnings(project, values)
    planned, month = project.fund_total, values.get("invested")
    if paid is not None and paid > (arrived or 0):
        facts = {"paid": formats.money(paid), "arrived": formats.money(arrived or Decimal(0))}
        message = _("累计支付 %(paid)s 万元，比累计到位的 %(arrived)s 万元多。属实请写一句说明。")
        yield _last_given(values, PAID), message % facts
    if planned is not None and arrived is not None and arrived > planned:
        facts = {"arrived": formats.money(arrived), "planned": formats.money(planned)}
        message = _("累计到位 %(arrived)s 万元，比计划资金 %(planned)s 万元多。属实请写一句说明。")
        yield _last_given(values, ARRIVED), message % facts
    total = known_total({"before": invested, "now": month}, ("before", "now"))
    if planned is not None and total is not None and total > planned:
        facts = {"total": formats.money(total), "planned": formats.money(planned)}
        message = _("累计完成投资 %(total)s 万元，比计划资金 %(planned)s 万元多。属实请写一句说明。")
        yield "invested", message % facts
    percent, before = values.get("percent"), known.get("percent")
    if month == 0 and percent is not None and before is not None and percent - before >= 5:
        message = _("进度从 %(before)d%% 到 %(now)d%%，本月完成投资是 0。属实请写一句说明。")
        yield "invested", message % {"before": before, "now": percent}


def _source_warnings(project: Project, values: Values) -> Iterator[tuple[str, str]]:
    """A source out of which more was paid than arrived, or more arrived than was planned, though the sums may be right.

    Where the sum itself is odd, the sum's own sentence is enough.
    """
    sums = {names: known_total(values, names) or Decimal(0) for names in (ARRIVED, PAID)}
    for source in Source:
        planned, arrived, paid = (
            getattr(project, f"fund_{source}"),
            values.get(f"arrived_{source}"),
            values.get(f"paid_{source}"),
        )
        told = {"source": source.label, "paid": formats.money(paid or ZERO), "arrived": formats.money(arrived or ZERO)}
        if paid is not None and paid > (arrived or 0) and sums[PAID] <= sums[ARRIVED]:
            message = _("%(source)s资金累计支付 %(paid)s 万元，比累计到位的 %(arrived)s 万元多。属实请写一句说明。")
            yield f"paid_{source}", message % told
        if planned is not None and arrived is not None and arrived > planned and not _exceeds(project, sums[ARRIVED]):
            message = _("%(source)s资金累计到位 %(arrived)s 万元，比计划的 %(planned)s 万元多。属实请写一句说明。")
            yield f"arrived_{source}", message % (told | {"planned": formats.money(planned)})


def _exceeds(project: Project, arrived: Decimal) -> bool:
    return project.fund_total is not None and arrived > project.fund_total


def _housing_warnings(project: Project, values: Values) -> Iterator[tuple[str, str]]:
    started, planned = values.get("housing_started"), project.housing_planned
    if started is not None and planned is not None and started > planned:
        message = _("住房开工 %(started)d 套，比计划的 %(planned)d 套多。属实请写一句说明。")
        yield "housing_started", message % {"started": started, "planned": planned}


def _last_given(values: Values, names: tuple[str, ...]) -> str:
    """Where a warning about a sum is shown: at the last of its parts that was given."""
    return next(name for name in reversed(names) if values.get(name) is not None)
