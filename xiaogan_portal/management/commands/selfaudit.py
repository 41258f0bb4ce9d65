"""`manage.py selfaudit`: what is wrong with accounts, terms and settings."""

from __future__ import annotations

import json
import sys
import unicodedata
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from accounts.filters import IDLE_DAYS
from xiaogan_portal import selfaudit


class Command(BaseCommand):
    """Prints a table, or JSON; exit code 1 where a rule that must hold is broken."""

    help = "Report idle accounts, expired terms, roles held together, missing second factors, unsafe settings."
    # Unsafe settings are what it reports: it must run in spite of them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """How long without a sign-in is idle, and the form of the report."""
        parser.add_argument("--idle-days", type=int, default=IDLE_DAYS, help="days without a sign-in")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, idle_days: int, json: bool, **options: Any) -> None:
        """Report."""
        rules = selfaudit.look(idle_days=idle_days)
        self.stdout.write(as_json(rules) if json else as_table(rules))
        if selfaudit.has_errors(rules):
            sys.exit(1)


def as_json(rules: list[selfaudit.Rule]) -> str:
    """Every rule, those without a finding too."""
    return json.dumps([asdict(rule) for rule in rules], ensure_ascii=False, indent=2)


def as_table(rules: list[selfaudit.Rule]) -> str:
    """A line for each rule, the findings under it in columns."""
    levels = {selfaudit.ERROR: _("必须改"), selfaudit.WARNING: _("该处理"), selfaudit.NOTE: _("请留意")}
    lines = []
    for rule in rules:
        if not rule.found:
            lines.append(_("[  好  ] %(title)s") % {"title": rule.title})
            continue
        head = {"level": levels[rule.level], "title": rule.title, "number": len(rule.found), "advice": rule.advice}
        lines.append(_("[%(level)s] %(title)s：不符 %(number)d 处。%(advice)s") % head)
        width = max(width_of(found.subject) for found in rule.found)
        lines += [f"    {padded(found.subject, width)}  {found.text}" for found in rule.found]
    return "\n".join(lines)


def width_of(text: str) -> int:
    """Columns of a terminal; a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, width: int) -> str:
    """The text with blanks up to a width in columns."""
    return text + " " * (width - width_of(text))
