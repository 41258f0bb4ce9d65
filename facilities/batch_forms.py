"""Reading what the page of a month sends: rows as JSON from its script, or as plain fields without it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.errors import RuleViolation
from facilities.report_workflow import CONTENT

MOST_ROWS = 2000
_FIELD = re.compile(r"p(\d{1,18})-([a-z_]{1,30})")
_VERSION = range(1, 2**31)


@dataclass(frozen=True)
class Sent:
    """One row as it was sent. `values` by content field, as typed; None says that nothing has changed."""

    project: int
    version: int | None
    values: dict[str, str] | None


def rows_sent(data: QueryDict) -> list[Sent]:
    """The rows of a request, each project once. Raises RuleViolation where they cannot be read."""
    rows = list(_from_json(str(data["rows"])) if "rows" in data else _from_fields(data))
    if not rows:
        raise RuleViolation(_("没有要提交的项目。"))
    if len({row.project for row in rows}) < len(rows) or len(rows) > MOST_ROWS:
        raise _unreadable()
    return rows


def _unreadable() -> RuleViolation:
    return RuleViolation(_("送来的内容看不懂。刷新页面后再试；填的内容还在本机。"))


def _from_json(text: str) -> Iterator[Sent]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _unreadable() from error
    if not isinstance(found, list):
        raise _unreadable()
    for each in found:
        yield _sent(each)


def _sent(each: Any) -> Sent:
    if not isinstance(each, dict) or not _is_key(each.get("project")):
        raise _unreadable()
    values, version = each.get("values"), each.get("version")
    known = values is None or (isinstance(values, dict) and all(isinstance(text, str) for text in values.values()))
    if not known or (values is not None and not values.keys() <= set(CONTENT)):
        raise _unreadable()
    if version is not None and (isinstance(version, bool) or version not in _VERSION):
        raise _unreadable()
    return Sent(each["project"], version, values)


def _is_key(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _from_fields(data: QueryDict) -> Iterator[Sent]:
    """`p12-percent`, `p12-version` …: every row of the table."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        found = _FIELD.fullmatch(name)
        if found is not None:
            rows.setdefault(int(found[1]), {})[found[2]] = str(value)
    for project, fields in rows.items():
        version = fields.pop("version", "")
        if not fields.keys() <= set(CONTENT) or not (version == "" or (version.isdecimal() and len(version) < 10)):
            raise _unreadable()
        yield Sent(project, int(version) if version else None, fields)
