"""The self-audit as Excel: every rule, those that hold too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.exports import ListExport
from core.xlsx import ExportColumn
from xiaogan_portal.selfaudit import ERROR, NOTE, WARNING, Found, Rule

RULE = _("每条规则查到几处写几条，没有查到的写一条“好”。现查现算，不看业务内容。")
LEVELS = {ERROR: _("必须改"), WARNING: _("该处理"), NOTE: _("请留意")}


@dataclass(frozen=True)
class Line:
    """One finding of a rule; None where the rule holds."""

    rule: Rule
    found: Found | None

    @property
    def verdict(self) -> str:
        """How bad it is."""
        return str(LEVELS[self.rule.level]) if self.found else _t("好")


COLUMNS = (
    ExportColumn(_("规则"), "rule.title", width=30),
    ExportColumn(_("结果"), "verdict", width=10),
    ExportColumn(_("对象"), lambda line: line.found.subject if line.found else "", width=30),
    ExportColumn(_("情况"), lambda line: line.found.text if line.found else "", width=50),
    ExportColumn(_("怎么办"), lambda line: line.rule.advice if line.found else "", width=50),
)


def lines_of(rules: Sequence[Rule]) -> list[Line]:
    """The findings of `rules` one by one, in their order."""
    return list(_lines(rules))


def _lines(rules: Sequence[Rule]) -> Iterator[Line]:
    for rule in rules:
        yield from [Line(rule, found) for found in rule.found] or [Line(rule, None)]


def selfaudit_export(rules: Sequence[Rule]) -> ListExport:
    """Everything that `selfaudit.look` found."""
    lines = lines_of(rules)
    return ListExport(title=_t("自查"), columns=COLUMNS, rows=lines, count=len(lines), rule=str(RULE), place=_t("全市"))
