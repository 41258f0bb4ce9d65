"""What is wrong with rows of a month, in the words of the single report's form; asks no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from communities.models import ReportingMonth
from facilities.batch_rows import Notes, SheetRow
from facilities.form_fields import raw
from facilities.report_checks import hard_errors, soft_warnings
from facilities.report_forms import DraftForm
from facilities.report_stages import step_error
from facilities.report_workflow import CONTENT


@dataclass(frozen=True)
class Checked:
    """One row as it was sent: what could be read, what could not be kept, and what is wrong."""

    content: dict[str, Any]
    unreadable: dict[str, str]
    notes: Notes
    # What was sent, by field.
    texts: Mapping[str, str] = field(default_factory=dict)

    def over(self, row: SheetRow) -> dict[str, str]:
        """What was sent that the row does not say already, as controls hold it; what cannot be read as typed."""
        typed = {name: raw(self.content[name]) if name in self.content else text for name, text in self.texts.items()}
        return {name: text for name, text in typed.items() if text != row.now[name]}


def check_sent(row: SheetRow, month: ReportingMonth, sent: Mapping[str, str]) -> Checked:
    """Read a row. Fields that were not sent are as they stand: nothing is lost by a page that shows fewer of them."""
    form = DraftForm(
        {**row.now, **sent}, project=row.project, last=row.last, invested=row.before, initial={}, auto_id=False
    )
    form.is_valid()
    content = form.content()
    unreadable = {name: str(errors[0]) for name, errors in form.errors.items() if name in CONTENT}
    return Checked(content, unreadable, notes_of(row, month, content, unreadable), sent)


def check_same(row: SheetRow, month: ReportingMonth) -> Checked:
    """A row that is said not to have changed: what the last report said may be odd as well."""
    return Checked(dict(row.last), {}, notes_of(row, month, row.last))


def notes_of(
    row: SheetRow, month: ReportingMonth, content: Mapping[str, Any], unreadable: Mapping[str, str] | None = None
) -> Notes:
    """What is wrong with a row's content; `unreadable` are sentences about fields that are not in it."""
    errors = {**hard_errors(content, row.last), **step_error(month, content, row.last), **(unreadable or {})}
    if "percent" in content and content["percent"] is None and "percent" not in errors:
        errors["percent"] = _missing_percent()
    said = {**row.last, **content}
    warnings = soft_warnings(row.project, said, before=row.last, invested=row.before, papers=row.papers)
    return Notes(errors, warnings, answered=bool(content.get("explanation")))


def _missing_percent() -> str:
    messages = DraftForm.base_fields["percent"].error_messages
    return str(messages["required"])


def note_rows(rows: list[SheetRow], month: ReportingMonth) -> None:
    """Give every row that may be filled in its notes."""
    for row in rows:
        if row.is_open and not row.notes.errors and not row.notes.warnings:
            row.notes = notes_of(row, month, row.values)
