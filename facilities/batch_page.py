"""The month of a whole unit as the page shows it: cells, groups, tabs; no database access."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import Community, ReportingMonth
from core import formats
from core.components import Tab
from facilities.batch_rows import RowState, SheetRow
from facilities.form_fields import AmountField, raw
from facilities.models import FacilityKind
from facilities.money import ARRIVED, Source, known_total
from facilities.report_checks import label_of
from facilities.report_place import form_url
from facilities.report_workflow import CONTENT, CUMULATIVE, HOUSING_COUNTS, UNEXPLAINED, ReportState
from facilities.workflow import Stage

ICONS = {
    RowState.BLANK: "circle-dashed",
    RowState.SAME: "equal",
    RowState.CHANGED: "edit",
    RowState.RETURNED: "arrow-back-up",
    RowState.FILED: "send",
    RowState.DONE: "check",
    RowState.CORRECTING: "edit",
    "wrong": "alert-square-rounded",
    "asks": "alert-triangle",
    "clash": "arrows-exchange",
}
WORDS = {
    **dict(RowState.choices),
    "wrong": gettext_lazy("有错"),
    "asks": gettext_lazy("要说明"),
    "clash": gettext_lazy("有两版"),
}
# Rows in these need something from whoever fills in.
PRESSING = frozenset({"wrong", "asks", "clash", RowState.RETURNED.value})
# Tabs besides 全部, by their name in the address.
SHOWN = {
    "pressing": gettext_lazy("要处理"),
    "changed": gettext_lazy("已改"),
    "same": gettext_lazy("无变化"),
    "blank": gettext_lazy("未填"),
    "filed": gettext_lazy("已提交"),
}
_FILED = frozenset({RowState.FILED, RowState.DONE, RowState.CORRECTING})


@dataclass(frozen=True)
class Cell:
    """One cell. `kind`: input, long, select, computed, open (leads to the row's details), shown, none (不适用)."""

    column: str
    kind: str
    name: str = ""
    value: str = ""
    was: str = ""
    tone: str = ""
    options: SafeString = SafeString("")


@dataclass(frozen=True)
class Said:
    """A sentence about a field that is wrong: the last value to go back to, and where that one may be corrected."""

    field: str
    message: str
    back: str = ""
    back_shown: str = ""
    correct_url: str = ""


@dataclass(frozen=True)
class Line:
    """One project on the page."""

    row: SheetRow
    state: str
    cells: Sequence[Cell]
    url: str
    said: Sequence[Said]
    withdraw_url: str
    shown: bool

    @property
    def word(self) -> str:
        """Its state."""
        return str(WORDS[self.state])

    @property
    def icon(self) -> str:
        """The state's icon."""
        return ICONS[self.state]

    @property
    def has_notes(self) -> bool:
        """Whether anything is to be said below the row."""
        return self.row.is_open and bool(self.said or self.row.notes.warnings or self.reason)

    @property
    def reason(self) -> str:
        """Why it came back."""
        report = self.row.report
        return report.return_reason if report is not None and report.state == ReportState.RETURNED else ""

    @property
    def quiet(self) -> bool:
        """What would have to be said of it is not said yet: nobody has touched it."""
        return self.row.standing == RowState.BLANK


@dataclass(frozen=True)
class Group:
    """The projects of one community."""

    community: Community
    type: str
    lines: Sequence[Line]

    @property
    def blank(self) -> int:
        """How many are not filled in."""
        return sum(line.row.standing == RowState.BLANK for line in self.lines)

    @property
    def shown(self) -> bool:
        """Whether any of it is shown."""
        return any(line.shown for line in self.lines)


def state_of(row: SheetRow) -> str:
    """A row's state with what is wrong laid over it."""
    touched = row.standing in (RowState.SAME, RowState.CHANGED) or bool(row.sent)
    if touched and row.notes.errors:
        return "wrong"
    if touched and row.notes.asks:
        return "asks"
    return row.standing.value


def pretty(name: str, text: str, value: Any = None) -> str:
    """A control's value as it stands in a cell: amounts and counts with separators; what cannot be read as typed."""
    if name == "stage":
        return str(Stage(int(text)).label) if text.isdecimal() and int(text) in Stage.values else text
    if isinstance(value, Decimal):
        return formats.money(value)
    return formats.thousands(value) if name in HOUSING_COUNTS and isinstance(value, int) else text


class _Cells:
    """Makes the cells of rows; the options of each stage are written once."""

    def __init__(self) -> None:
        self._options: dict[str, SafeString] = {}

    def of(self, row: SheetRow) -> list[Cell]:
        made = [
            self._stage(row),
            self._field(row, "percent"),
            self._field(row, "invested"),
            Cell("total", "computed", value=_amount(_invested_total(row))),
            self._arrived(row),
        ]
        homes = row.project.builds_homes
        made += [self._field(row, name) if homes else Cell(name, "none") for name in HOUSING_COUNTS]
        return [*made, self._field(row, "problem", "long")]

    def _stage(self, row: SheetRow) -> Cell:
        if not row.is_open:
            return self._field(row, "stage")
        now = row.now["stage"]
        if now not in self._options:
            self._options[now] = format_html_join(
                "",
                '<option value="{}"{}>{}</option>',
                ((value, _SELECTED if str(value) == now else "", label) for value, label in Stage.choices),
            )
        cell = self._field(row, "stage", "select")
        return Cell("stage", cell.kind, "stage", cell.value, cell.was, cell.tone, self._options[now])

    def _field(self, row: SheetRow, name: str, kind: str = "input", column: str = "") -> Cell:
        value = pretty(name, row.now[name], None if name in row.sent else row.values[name])
        if not row.is_open:
            return Cell(column or name, "shown", value=value)
        differs = row.now[name] != row.was[name]
        was = _("上月 %(value)s") % {"value": pretty(name, row.was[name], row.last[name])} if differs else ""
        # What was invested is the month's own: there is no last value to stand beside it.
        told = was if row.was[name] and name != "invested" else ""
        return Cell(column or name, kind, name, value, told, _tone(row, name, differs))

    def _arrived(self, row: SheetRow) -> Cell:
        if row.is_open and row.arrived:
            return self._field(row, row.arrived, column="arrived")
        total = _amount(known_total(row.values, ARRIVED))
        if not row.is_open:
            return Cell("arrived", "shown", value=total)
        names = [name for source in Source for name in (f"arrived_{source}", f"paid_{source}")]
        tones = {_tone(row, name, row.now[name] != row.was[name]) for name in names}
        tone = next((each for each in ("error", "warning", "changed") if each in tones), "")
        return Cell("arrived", "open", value=total, tone=tone)


_SELECTED = SafeString(" selected")


def _tone(row: SheetRow, name: str, differs: bool) -> str:
    if row.standing == RowState.BLANK and not row.sent:
        return ""
    if name in row.notes.errors:
        return "error"
    if any(warning.field == name for warning in row.notes.warnings):
        return "warning"
    return "changed" if differs else ""


def _invested_total(row: SheetRow) -> Decimal | None:
    """As far as the month's amount can be read."""
    month = row.values["invested"]
    if "invested" in row.sent:
        try:
            month = AmountField().clean(row.sent["invested"])
        except ValidationError:  # what cannot be read adds nothing; the row says so
            month = None
    return known_total({"before": row.before, "now": month}, ("before", "now"))


def _amount(value: Decimal | None) -> str:
    return "" if value is None else formats.money(value)


def said_of(row: SheetRow) -> list[Said]:
    """What is wrong with a row, in the order of the form."""
    found = []
    for name in (each for each in CONTENT if each in row.notes.errors):
        last = row.was[name]
        # The last step's own day and basis are nothing that another step could go back to.
        back = last if last and row.now[name] != last and not name.startswith("stage_") else ""
        correct = name in CUMULATIVE and back and row.last_report
        url = reverse("facilities:report_correct", args=[row.last_report]) if correct else ""
        found.append(Said(name, row.notes.errors[name], back, pretty(name, last, row.last[name]), url))
    return found


@dataclass(frozen=True)
class WithdrawAll:
    """The button that takes back all that waits of a unit: where it leads and how many there are."""

    url: str
    number: int


def withdraw_all(rows: Iterable[SheetRow], month: ReportingMonth, unit: str) -> WithdrawAll | None:
    """The button, for what can be filled in here again; None where there is nothing.

    What is submitted after the page was shown stays: nobody takes back what they have not seen.
    """
    found = [row.report for row in rows if row.report and row.may_withdraw and not row.report.is_correction]
    if not found:
        return None
    newest = max(report.submitted_at for report in found if report.submitted_at)
    return WithdrawAll(withdraw_url(month, unit=unit, until=newest), len(found))


def withdraw_url(month: ReportingMonth, **which: Any) -> str:
    """The POST that takes back what was submitted of a month: `at` a moment, at once; or in a unit `until` then."""
    asked = {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in which.items()}
    return f"{reverse('facilities:batch_withdraw', args=[str(month)])}?{urlencode(asked)}"


@dataclass(frozen=True)
class View:
    """What of the month is shown: rows in a state, of a community, of a kind. Empty shows all."""

    state: str = ""
    community: str = ""
    kind: str = ""

    def shows(self, row: SheetRow, state: str) -> bool:
        """Whether a row is shown."""
        project = row.project
        return (
            (not self.state or self.state in tabs_of(row.standing, state))
            and self.community in ("", str(project.community_id))
            and self.kind in ("", project.kind)
        )


def tabs_of(standing: RowState, state: str) -> set[str]:
    """Under which tabs a row stands."""
    own = "filed" if standing in _FILED else standing.value
    return {own, "pressing"} if state in PRESSING else {own}


def groups_of(rows: Iterable[SheetRow], month: ReportingMonth, view: View) -> list[Group]:
    """The rows by community."""
    cells, found = _Cells(), []
    for community, members in groupby(rows, key=lambda row: row.project.community):
        lines = [_line(row, month, view, cells) for row in members]
        found.append(Group(community, lines[0].row.project.place_type or "none", lines))  # type: ignore[attr-defined]  # annotated
    return found


def _line(row: SheetRow, month: ReportingMonth, view: View, cells: _Cells) -> Line:
    state, report = state_of(row), row.report
    url = form_url(row.project, month)
    withdraw = ""
    if report is not None and not row.is_open:
        url = report.get_absolute_url()
        if row.may_withdraw:
            address = reverse("facilities:report_withdraw", args=[report.pk])
            withdraw = f"{address}?version={report.version}&to=month"
    return Line(row, state, cells.of(row), url, said_of(row), withdraw, view.shows(row, state))


def counts_of(rows: Iterable[SheetRow]) -> dict[str, int]:
    """Rows by tab; `wrong` and `asks` for the foot; `open`: those that can be handed in."""
    found = dict.fromkeys(("all", "pressing", "changed", "same", "blank", "returned", "filed", "wrong", "asks"), 0)
    for row in rows:
        state = state_of(row)
        found["all"] += 1
        for tab in tabs_of(row.standing, state):
            found[tab] += 1
        if state in ("wrong", "asks"):
            found[state] += 1
    return found | {"open": found["all"] - found["filed"]}


def tabs(counts: Mapping[str, int], view: View, address: str) -> list[tuple[str, Tab]]:
    """The tabs with their names; 已提交 only where there is something under it."""
    found = []
    for name, label in {"": _("全部"), **SHOWN}.items():
        if name == "filed" and not counts["filed"]:
            continue
        url = f"{address}&show={name}" if name else address
        found.append((name, Tab(str(label), url, counts[name or "all"], current=view.state == name)))
    return found


def data_of(rows: Iterable[SheetRow]) -> dict[str, Any]:
    """What the page's script knows of each row that may be filled in, by project; empty values are left out."""
    return {
        str(row.project.pk): {
            "version": row.report.version if row.report else None,
            "state": row.standing.value,
            "last": {name: value for name, value in row.was.items() if value},
            "now": {name: value for name, value in row.now.items() if value != row.was[name]},
            "before": raw(row.before),
            "sources": row.sources,
            "homes": row.project.builds_homes,
            "errors": list(row.notes.errors),
            "warnings": [warning.field for warning in row.notes.warnings],
            "open": row.is_open,
        }
        for row in rows
    }


def labels() -> dict[str, str]:
    """Names of the content fields."""
    return {name: label_of(name) for name in CONTENT}


def source_labels() -> list[tuple[str, str]]:
    """Sources of money with their names."""
    return [(source.value, str(source.label)) for source in Source]


def kinds_of(rows: Iterable[SheetRow]) -> list[tuple[str, str]]:
    """The kinds that occur, in their usual order."""
    found = {row.project.kind for row in rows}
    return [(value, str(label)) for value, label in FacilityKind.choices if value in found]


def same_as_shown(row: SheetRow, sent: Mapping[str, str]) -> bool:
    """Whether the plain form was sent as it was shown, line ends and separators aside."""
    texts = {name: pretty(name, row.now[name], row.values[name]) for name in UNEXPLAINED}
    return all(" ".join(sent[name].split()) in _forms(row, name, texts) for name in UNEXPLAINED if name in sent)


def _forms(row: SheetRow, name: str, texts: Mapping[str, str]) -> set[str]:
    return {" ".join(text.split()) for text in (row.now[name], texts[name])}
