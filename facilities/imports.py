"""The month of a unit from Excel: each row is one project's report, kept as a draft; submitting stays the team's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from communities.models import Community, Placement, ReportingMonth
from core.history import event_model
from core.periods import Month
from core.sentences import gettext as _t
from exchange.registry import CellKind, Choices, ImportColumn, Row, RowRefused, Staged, Target, Words
from exchange.workflow import Outcome
from facilities import import_totals
from facilities.batch_actions import Entry, save_month
from facilities.evidence import evidence_asked
from facilities.import_match import Finder, NoMatch
from facilities.models import ProgressReport, Project
from facilities.money import MOST
from facilities.report_checks import hard_errors, soft_warnings
from facilities.report_reads import invested_before, prefills
from facilities.report_stages import step_error
from facilities.report_workflow import CONTENT, HOUSING_COUNTS, OPEN, ReportState
from facilities.workflow import Stage

TEXTS = ("text", "problem", "help_wanted", "explanation", "stage_basis", "stage_reason")


def _stages() -> Choices:
    return [(str(value), str(label)) for value, label in Stage.choices]


def _content_column(name: str) -> ImportColumn:
    """A column of what a report says, with the field's own label and counting rule."""
    field: Any = ProgressReport._meta.get_field(name)
    label, rule = field.verbose_name, field.help_text
    if name == "stage":
        return ImportColumn(name, label, CellKind.CHOICE, rule, choices=_stages)
    if name == "stage_on":
        return ImportColumn(name, label, CellKind.DAY, rule)
    if name == "percent":
        return ImportColumn(name, label, CellKind.WHOLE, rule, most=100, unit="%")
    if name in HOUSING_COUNTS:
        return ImportColumn(name, label, CellKind.WHOLE, rule, most=999_999, unit=_("套"))
    if field.get_internal_type() == "DecimalField":
        return ImportColumn(name, label, CellKind.DECIMAL, rule, most=MOST, unit=_("万元"))
    return ImportColumn(name, label, CellKind.TEXT, rule, longest=field.max_length)


class MonthTarget(Target):
    """One month of one unit; `scope` is the month. A row is its project's, by the number or by community and name."""

    code: ClassVar[str] = "month"
    label: ClassVar[Words] = _("项目月报")
    version: ClassVar[int] = 2
    by_period: ClassVar[bool] = True
    known_by: ClassVar[Sequence[Sequence[str]]] = (
        ("number",),
        ("community_code", "project"),
        ("community", "project"),
    )
    named_by: ClassVar[Sequence[str]] = ("community_code", "community", "project")
    rule: ClassVar[Words] = _("导入的存成草稿，核对后在“整月填报”里提交。没有变化的行不用动，上月的数已经填好。")
    columns: ClassVar[Sequence[ImportColumn]] = (
        ImportColumn(
            "number",
            _("项目编号"),
            CellKind.CODE,
            _("不要改，每个项目一行。没有编号的，按社区和项目名称找。"),
            key=True,
            longest=19,
        ),
        ImportColumn("community_code", _("社区编号"), CellKind.CODE, _("只用来认项目，要和登记的一样。"), longest=20),
        ImportColumn("community", _("社区"), help=_("只用来认项目，要和登记的一样。"), aliases=(_("社区名称"),)),
        ImportColumn("project", _("项目"), help=_("只用来认项目，要和登记的一样。"), aliases=(_("项目名称"),)),
        *(_content_column(name) for name in CONTENT),
        *import_totals.COLUMNS,
    )
    # Of the Excel of the month's page.
    only_shown: ClassVar[Sequence[Words]] = (_("单位"), _("状态"))

    def scopes(self, place: str, user: Any) -> Choices:
        """The open months, newest first."""
        rows = ReportingMonth.objects.filter(state="open").order_by("-year", "-number")
        return [(str(row), _t("%(month)s 月报") % {"month": row}) for row in rows]

    def known(self, place: str, scope: str, user: Any) -> Iterable[Mapping[str, Any]]:
        """Every project of the unit that is still to be reported, with its draft or what the last report said."""
        month = _month(scope)
        bench = _Bench(place, month, user)
        return [
            {
                "number": str(project.pk),
                "community_code": project.community.code,
                "community": project.community.name,
                "project": project.name,
                **_as_cells(bench.now(project)),
            }
            for project in bench.projects.values()
            if bench.is_open(project)
        ]

    def stage(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Iterable[Staged]:
        """Against the draft, or the last report: what would change, what cannot be, what needs a word."""
        bench = _Bench(place, _month(scope), actor)
        choices = self.choices()
        return (self._judge(bench, row, choices) for row in rows)

    def _judge(self, bench: _Bench, row: Row, choices: Mapping[str, Choices]) -> Staged:
        try:
            project = bench.finder.project(row)
            bench.finder.take(project, row)
        except NoMatch as refusal:
            return Staged.rejected(refusal.column, refusal.message)
        now, report = bench.now(project), bench.reports.get(project.pk)
        row = self._as_stored(row, now)
        base = {"project": project.pk, "version": report.version if report is not None else None}
        judged = self.compared(row, _as_cells(now), base, choices)
        before = bench.invested[project.pk]
        wrong = import_totals.wrong_totals(row, now | _content(row), before, lambda: bench.invested_once(project))
        if report is not None and not bench.is_open(project):
            # What goes out with the month comes back with it: said again, it asks for nothing.
            sentence = _t("这份月报现在是“%(state)s”，不能改内容。") % {"state": ReportState(report.state).label}
            return Staged.rejected("", sentence) if judged.changes or wrong else judged
        problems = wrong + self._problems(bench, project, now | _content(row))
        return Staged(Outcome.REJECTED, problems) if problems else judged

    def _as_stored(self, row: Row, now: Mapping[str, Any]) -> Row:
        """The row with its texts as they stand, line breaks and all, where a cell that holds them reads the same."""
        same = {
            column.code: now[column.code]
            for column in self.columns
            if column.code in TEXTS and row.values.get(column.code) == column.parse(now[column.code])
        }
        return replace(row, values={**row.values, **same})

    def _problems(self, bench: _Bench, project: Project, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        before = bench.last[project.pk]
        found = [*hard_errors(values, before).items(), *step_error(bench.month, values, before).items()]
        if values.get("stage") is None:
            found.append(
                ("stage", _t("阶段不能空着。没有变化的，写回“%(stage)s”。") % {"stage": Stage(before["stage"]).label})
            )
        if not project.builds_homes:
            wrong = [name for name in HOUSING_COUNTS if values.get(name) is not None]
            found += [(name, _t("这个项目不是住房，套数留空。")) for name in wrong]
        if values.get("percent") is None:
            found.append(("percent", _t("请填形象进度，0 到 100。")))
        if not values.get("explanation"):
            warnings = soft_warnings(
                project, values, before=before, invested=bench.invested[project.pk], papers=bench.papers
            )
            found += [(warning.field, warning.message) for warning in warnings]
        return found

    def apply(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Sequence[Mapping[str, Any]]:
        """Keep each as a draft, in the caller's transaction; what is there now is what takes it back."""
        month = _month(scope)
        bench = _Bench(place, month, actor, [row.base["project"] for row in rows])
        for row in rows:
            if row.base["project"] not in bench.projects:
                sentence = _t("编号为 %(number)s 的项目已经不在这个单位，或你不能再填报它。")
                raise RowRefused(row.number, sentence % {"number": row.base["project"]})
        stored = [bench.now(bench.projects[row.base["project"]]) for row in rows]
        entries = [
            Entry(row.base["project"], row.base["version"], _content(self._as_stored(row, now)))
            for row, now in zip(rows, stored, strict=True)
        ]
        before = [_plain(now) for now in stored]
        written = self._save(month, entries, rows, actor)
        return [
            {"project": entry.project, "version": report.version, "before": values}
            for entry, report, values in zip(entries, written, before, strict=True)
        ]

    def undo(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> None:
        """The drafts say again what they said; those that the import began what the last report did, as not begun."""
        entries = [
            Entry(row.undo["project"], row.undo["version"], _read(row.undo["before"]), row.base["version"] is None)
            for row in rows
        ]
        self._save(_month(scope), entries, rows, actor)

    def _save(
        self, month: ReportingMonth, entries: Sequence[Entry], rows: Sequence[Row], actor: Any
    ) -> list[ProgressReport]:
        """All of them; RowRefused names the first that somebody has been at meanwhile."""
        found = []
        for filed, row in zip(save_month(month, entries, actor=actor), rows, strict=True):
            if filed.refusal is not None or filed.report is None:
                raise RowRefused(row.number, filed.refusal.message if filed.refusal else "")
            found.append(filed.report)
        return found


class _Bench:
    """What is needed to judge a unit's month: a handful of queries, however many rows."""

    def __init__(self, place: str, month: ReportingMonth, actor: Any, keys: Collection[int] | None = None) -> None:
        """Of the unit's projects, or of those of them that `keys` name."""
        self.month, self.actor = month, actor
        # Where a community counts now, as on the page: who reports for it now reports all of its open months.
        self.there = Placement.objects.newest().filter(unit__code=place).values("community")
        rows = (
            Project.objects.reportable_by(actor)
            .expected_in(month)
            .filter(community__in=self.there, **({} if keys is None else {"pk__in": keys}))
            .select_related("community")
            .order_by("community__pinyin", "community", "kind", "pk")
        )
        self.projects = {project.pk: project for project in rows}
        projects = list(self.projects.values())
        self.last = prefills(projects, month)
        self.invested = invested_before(projects, month)
        self.papers = evidence_asked().papers
        reports = ProgressReport.objects.of_month(month).filter(project__in=self.projects).newest_revision()
        self.reports = {report.project_id: report for report in reports}

    @cached_property
    def finder(self) -> Finder:
        """By what a row names its project."""
        communities = Community.objects.visible_to(self.actor).filter(pk__in=self.there)
        return Finder(self.projects.values(), communities)

    def invested_once(self, project: Project) -> list[Decimal | None]:
        """What the month's investment ever was: in the last report, and in each text of this month's."""
        return [self.last[project.pk].get("invested"), *self._texts.get(project.pk, ())]

    @cached_property
    def _texts(self) -> dict[int, list[Decimal | None]]:
        events = event_model(ProgressReport).objects.filter(month=self.month, project__in=self.projects)
        found: dict[int, list[Decimal | None]] = {}
        for project, invested in events.order_by().values_list("project", "invested").distinct():
            found.setdefault(project, []).append(invested)
        return found

    def is_open(self, project: Project) -> bool:
        """Whether its report can still be written."""
        report = self.reports.get(project.pk)
        return report is None or report.state in OPEN

    def now(self, project: Project) -> dict[str, Any]:
        """What the report says now: the draft, or what it would open with."""
        report = self.reports.get(project.pk)
        if report is None:
            return dict(self.last[project.pk])
        return {name: getattr(report, name) for name in CONTENT}


def _month(scope: str) -> ReportingMonth:
    month = Month.parse(scope)
    return ReportingMonth.objects.get(year=month.year, number=month.number)


def _content(row: Row) -> dict[str, Any]:
    """The content that the sheet has, as the actions take it."""
    values = {name: row.values[name] for name in CONTENT if name in row.values}
    if "stage" in values:
        values["stage"] = int(values["stage"]) if values["stage"] not in (None, "") else None
    return values | {name: values[name] or "" for name in TEXTS if name in values}


def _as_cells(values: Mapping[str, Any]) -> dict[str, Any]:
    """Content as the columns hold it: a stage is one of its choices."""
    return {**values, "stage": str(int(values["stage"]))}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Content as JSON keeps it."""
    return {name: str(value) if isinstance(value, Decimal | dt.date) else value for name, value in values.items()}


def _read(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The content again."""
    values = dict(kept)
    for name, value in kept.items():
        kind = ProgressReport._meta.get_field(name).get_internal_type()
        if value is not None and kind == "DecimalField":
            values[name] = Decimal(value)
        elif value is not None and kind == "DateField":
            values[name] = dt.date.fromisoformat(value)
    return values
