"""The rules of the monthly report once more, naively and in memory: what the state machine holds the portal against.

It repeats no code of the portal, knows no stage, and keeps every row by its own count.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LEGAL = {
    ("draft", "submitted"),
    ("submitted", "draft"),
    ("submitted", "returned"),
    ("submitted", "approved"),
    ("returned", "submitted"),
}
LEGAL_QUARTER = {("planned", "planned"), ("open", "open"), ("planned", "open")}
FINE, FORBIDDEN, WRONG = "fine", "forbidden", "wrong state"


@dataclass
class Row:
    """One report as it should be."""

    project: int
    month: int
    revision: int
    state: str
    authors: set[str]
    version: int = 1


@dataclass
class QuarterRow:
    """One quarter as it should be."""

    state: str
    due: str
    reason: str = ""


@dataclass
class Oracle:
    """Two units `a` and `b`; people by name: `entry_a`, `reviewer_a`, `second_a`, … and `office`."""

    home: dict[int, str]
    open_months: set[int]
    quarters: list[QuarterRow] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    def newest(self, project: int, month: int) -> Row | None:
        """The last revision."""
        found = [row for row in self.rows if (row.project, row.month) == (project, month)]
        return found[-1] if found else None

    def of_unit(self, who: str, project: int) -> bool:
        """Whether a county person belongs to the project's present unit."""
        return who.endswith(f"_{self.home[project]}")

    def may_enter(self, who: str, project: int) -> bool:
        """The unit's people and the city office."""
        return who == "office" or self.of_unit(who, project)

    def entering(self, who: str, project: int, month: int, *, submits: bool) -> str:
        """What becomes of an entry, by somebody who has just seen the report."""
        if not self.may_enter(who, project):
            return FORBIDDEN
        row = self.newest(project, month)
        if row is not None and row.state not in ("draft", "returned"):
            return WRONG
        if row is not None and (row.revision > 1 or row.state == "returned"):
            return FINE
        return FINE if month in self.open_months else WRONG

    def entered(self, who: str, project: int, month: int, *, submits: bool) -> None:
        """Take note of one that went through."""
        row = self.newest(project, month)
        if row is None:
            self.rows.append(Row(project, month, 1, "submitted" if submits else "draft", {who}))
            return
        row.authors.add(who)
        row.version += 1
        row.state = "submitted" if submits else row.state

    def withdrawing(self, who: str, row: Row) -> str:
        """The unit's entry, and whoever entered it as long as they belong to the unit; while it can come again."""
        entry = who.startswith("entry") and self.of_unit(who, row.project)
        if not entry and not (who in row.authors and self.may_enter(who, row.project)):
            return FORBIDDEN
        again = row.revision > 1 or row.month in self.open_months
        return FINE if row.state == "submitted" and again else WRONG

    def reviewers(self, project: int) -> set[str]:
        """Those of the present unit."""
        return {f"{name}_{self.home[project]}" for name in ("reviewer", "second")}

    def deciding(self, who: str, row: Row) -> str:
        """The unit's reviewers, but not the authors; the city office where that leaves nobody who is there."""
        if who in row.authors:
            return FORBIDDEN
        there = self.reviewers(row.project) - row.authors - self.away
        if who not in self.reviewers(row.project) and not (who == "office" and not there):
            return FORBIDDEN
        return FINE if row.state == "submitted" else WRONG

    def correcting(self, who: str, row: Row) -> str:
        """Whoever may enter, on the newest revision once that is approved."""
        if not self.may_enter(who, row.project):
            return FORBIDDEN
        return FINE if row.state == "approved" and self.newest(row.project, row.month) is row else WRONG

    def earlier_waits(self, row: Row) -> bool:
        """Whether an earlier month of the project waits for review."""
        return any(
            other.project == row.project and other.month < row.month and other.state == "submitted"
            for other in self.rows
        )

    def opening_quarter(self, who: str, quarter: int) -> str:
        """The city office, once."""
        if who != "office":
            return FORBIDDEN
        return FINE if self.quarters[quarter].state == "planned" else WRONG

    def moving_quarter(self, who: str) -> str:
        """The city office; none of the quarters is ever closed."""
        return FINE if who == "office" else FORBIDDEN

    def keeps_due_date(self, quarter: int, due: str, reason: str) -> bool:
        """Whether a rule holds the due date: the same one, no reason, or the reason of the last time."""
        row = self.quarters[quarter]
        return due == row.due or reason in ("", row.reason)
