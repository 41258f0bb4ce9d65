"""The monthly report: its states, the moves between them, and which of its fields are content. No database access."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from communities.roles import Role
from facilities.money import ARRIVED, PAID


class ReportState(models.TextChoices):
    """States of a monthly report."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("被退回")
    APPROVED = "approved", _("已通过")


# State → states it may become. The database holds the same table (`models/report_rules.py` is made from this one).
MOVES: dict[ReportState, frozenset[ReportState]] = {
    ReportState.DRAFT: frozenset({ReportState.SUBMITTED}),
    ReportState.SUBMITTED: frozenset({ReportState.DRAFT, ReportState.RETURNED, ReportState.APPROVED}),
    ReportState.RETURNED: frozenset({ReportState.SUBMITTED}),
    ReportState.APPROVED: frozenset(),
}
# As what a new row may begin: somebody who has nothing to add files at once.
FIRST = frozenset({ReportState.DRAFT, ReportState.SUBMITTED})
# States in which what was entered may be changed.
OPEN = frozenset({ReportState.DRAFT, ReportState.RETURNED})
# Moves that are a reviewer's decision.
DECISIONS = frozenset({ReportState.RETURNED, ReportState.APPROVED})

# Units of housing so far, each no more than the one before it.
HOUSING_COUNTS = ("housing_started", "housing_topped_out", "housing_handed_over")
# Cumulative: no month says less than the month approved before it.
CUMULATIVE = (*ARRIVED, *PAID, *HOUSING_COUNTS)
# What a person enters, in the order of the form. Nothing else of a report is ever typed.
CONTENT = (
    "stage",
    "stage_on",
    "stage_basis",
    "stage_reason",
    "percent",
    "invested",
    *ARRIVED,
    *PAID,
    *HOUSING_COUNTS,
    "text",
    "problem",
    "help_wanted",
    "explanation",
)
# What may have changed since the last report. An explanation answers what is odd in one month and says nothing new.
UNEXPLAINED = tuple(name for name in CONTENT if name != "explanation")

# Who may enter a report, in the order in which a person of several roles acts. All but the first is 代填.
REPORTERS = (Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER, Role.CITY_OFFICE)
# Who may decide: the unit's reviewer, and for one who is away the city office.
REVIEWERS = (Role.COUNTY_REVIEWER, Role.CITY_OFFICE)


def in_time(state: str, *, corrects: bool, month_open: bool) -> bool:
    """Whether whoever enters a report may work on it: change and hand it in, or take it back.

    A month's first report waits for the month to be open. What a reviewer sent back may always be mended, or closing
    the month would leave it where nobody can; so may a correction.
    """
    return month_open or corrects or state == ReportState.RETURNED


def may_become(before: str, after: str) -> bool:
    """Whether a report in state `before` may go to `after`."""
    return ReportState(after) in MOVES[ReportState(before)]
