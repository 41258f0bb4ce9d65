"""The three sentences on top of the leadership page: what is done, who is behind, what changed and waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from core.formats import day_sentence, thousands
from dashboards.board import Board, Number
from dashboards.selectors import facts_url
from dashboards.selectors_decisions import Decisions
from dashboards.selectors_late import Late, LateUnit
from dashboards.sentences import Piece, Sentence, compose, listed

# As many units are named in a sentence at most; more would not be a sentence.
NAMED = 3


@dataclass(frozen=True)
class Headline:
    """The first sentence with its figures; `rest` says what is missing and where, `gap` only what."""

    planned: Number
    started: Number
    built: Number
    missing: Number
    lead: Sentence
    rest: Sentence
    gap: Sentence


def _count(number: Number) -> Piece:
    return Piece(thousands(number.value), number.url)


def headline_of(board: Board, units: Sequence[ReportingUnit], everything: bool) -> Headline:
    """What is done of what is planned. Units are named only to those who see every unit's figures."""
    planned, started, built = (board.number(code) for code in ("planned", "started", "centres_built"))
    gap = planned.value - started.value
    missing = Number(_("没有开工"), gap, facts_url(board.quarter, "started", counted="no"))
    lead = _("规划 %(planned)s 个新社区，已开工 %(started)s 个，服务中心基本建成 %(built)s 个；")
    said = compose(lead, planned=_count(planned), started=_count(started), built=_count(built))
    words = Piece(_("%(number)s 个没有开工") % {"number": thousands(gap)}, missing.url, "bad")
    short: Sentence = compose(_("还有 %(missing)s。"), missing=words) if gap > 0 else [Piece(_("全部开工。"))]
    rest = _where(board, words, units) if gap > 0 and everything else short
    return Headline(planned, started, built, missing, said, rest, short)


def _where(board: Board, gap: Piece, units: Sequence[ReportingUnit]) -> Sentence:
    """What is not begun, and who has most of it, unless too many share that."""
    gaps = {unit: board.count("planned", unit.code) - board.count("started", unit.code) for unit in units}
    most = max(gaps.values(), default=0)
    last = [
        (unit.short_name, facts_url(board.quarter, "started", unit.code, counted="no"))
        for unit, behind in gaps.items()
        if behind == most
    ]
    if not most or len(last) > NAMED:
        return compose(_("还有 %(missing)s。"), missing=gap)
    if len(last) == 1:
        words = _("%(name)s占 %(number)d 个") % {"name": last[0][0], "number": most}
        return compose(_("还有 %(missing)s，%(unit)s。"), missing=gap, unit=Piece(words, last[0][1]))
    named = listed([Piece(name, url) for name, url in last])
    return compose(
        _("还有 %(missing)s，%(units)s各占 %(number)s 个。"), missing=gap, units=named, number=Piece(str(most))
    )


def _named(late: Late) -> list[LateUnit]:
    """The units with most, at most three; never one of two that have as many without the other."""
    lagging = late.lagging
    for number in range(min(NAMED, len(lagging)), 0, -1):
        if number == len(lagging) or lagging[number].count < lagging[number - 1].count:
            return lagging[:number]
    return []


def behind_of(late: Late) -> Sentence:
    """Who is behind the plan and how: the units with most, or one's own beside the city's number."""
    total = Piece(thousands(late.total), late.url)
    if not late.total:
        return [Piece(_("全市没有项目逾期。"))]
    if not late.units:
        return compose(_("全市共有 %(total)s 个项目逾期。"), total=total)
    if not late.shown:
        names = listed([Piece(unit.name) for unit in late.units])
        return compose(_("%(units)s没有项目逾期；全市共有 %(total)s 个。"), units=names, total=total)
    named = _named(late)
    units = listed([Piece(_("%(name)s %(number)d 个") % {"name": u.name, "number": u.count}, u.url) for u in named])
    kinds = listed([_kind(*kind) for kind in late.kinds if kind[1]])
    if not late.whole:
        units = units or [Piece(_("本单位"))]
        return compose(
            _("%(units)s项目逾期：%(kinds)s；全市共有 %(total)s 个。"), units=units, kinds=kinds, total=total
        )
    if not named:
        many = Piece(str(len(late.lagging)))
        return compose(_("%(many)s 个单位共有 %(total)s 个项目逾期：%(kinds)s。"), many=many, total=total, kinds=kinds)
    if len(named) == len(late.lagging) == 1:
        return compose(_("%(units)s项目逾期：%(kinds)s。"), units=units, kinds=kinds)
    return compose(_("%(units)s项目逾期，全市共有 %(total)s 个：%(kinds)s。"), units=units, total=total, kinds=kinds)


def _kind(kind: str, number: int, url: str) -> Piece:
    words = _("%(number)d 个没有按期建成") if kind == "finish" else _("%(number)d 个没有按期动工")
    return Piece(words % {"number": number}, url)


def changes_of(board: Board) -> Sentence:
    """What moved since last quarter."""
    if board.before is None:
        return [Piece(_("没有上一季度的数字可比。"))]
    labels = {"started": _("已开工"), "centres_built": _("基本建成"), "standardised": _("规范化")}
    moved = []
    for code, label in labels.items():
        number = board.number(code)
        if number.change:
            words = _("%(what)s增加 %(number)d 个") if number.change > 0 else _("%(what)s减少 %(number)d 个")
            moved.append(Piece(words % {"what": label, "number": abs(number.change)}, number.change_url))
    if not moved:
        return [Piece(_("开工、建成和规范化的数和上季一样。"))]
    return compose(_("与上季比，%(changes)s。"), changes=listed(moved))


def waiting_of(decisions: Decisions | None) -> Sentence:
    """What waits for a decision; nothing for a quarter that is past."""
    if decisions is None:
        return []
    if not decisions.total:
        return [Piece(_("没有等待协调的事项。"))]
    total = Piece(_("%(number)d 项需要协调") % {"number": decisions.total}, decisions.url)
    return compose(_("有 %(total)s，最早的 %(day)s提出。"), total=total, day=Piece(day_sentence(decisions.oldest)))
