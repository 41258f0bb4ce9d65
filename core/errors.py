"""What an action raises when a rule of the field forbids the act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class RuleViolation(Exception):
    """A rule forbids it. `message` is a sentence for the user; `field` names the form field it belongs to."""

    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(RuleViolation):
    """This person may see the record but may not do this to it."""

    status = 403


class WrongState(RuleViolation):
    """The record is in a state in which this cannot be done."""

    status = 409


class OneRefused(RuleViolation):
    """Of several records that are written together, all or none, one may not be: `key` says which."""

    def __init__(self, key: int, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class FieldConflict:
    """One field on which two editors disagree: its label, what is stored now, and what was sent."""

    label: str
    stored: str
    sent: str


class StaleVersion(WrongState):
    """Somebody saved in between. Carries both texts of every field that differs, and the version stored now."""

    def __init__(self, message: str, conflicts: Sequence[FieldConflict], *, version: int | None = None) -> None:
        super().__init__(message)
        self.conflicts = list(conflicts)
        self.version = version
