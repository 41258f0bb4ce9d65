"""What construction tells people: the kinds of its notices, and how their subjects are written."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from communities.models import ReportingMonth, ReportingUnit
from notices import registry

DUE = "facilities.due"
REVIEW_DUE = "facilities.review_due"
URGED = "facilities.urged"
RETURNED = "facilities.returned"


def register() -> None:
    """Tell the notices app. A return waits until the person looks; what a date presses goes to the telephone, too."""
    registry.register(DUE, label=_("月报到期提醒"), outside=True)
    registry.register(REVIEW_DUE, label=_("月报待审提醒"), outside=True)
    registry.register(URGED, label=_("催报"), outside=True)
    registry.register(RETURNED, label=_("月报被退回"))


def about_month(month: ReportingMonth) -> str:
    """What the subject of every notice about a month begins with."""
    return f"month:{month}/unit:"


def about(month: ReportingMonth, unit: ReportingUnit) -> str:
    """The subject of a notice about one unit's month."""
    return f"{about_month(month)}{unit.code}"


def named_in(subject: str) -> tuple[str, str]:
    """The month and the unit's code that such a subject names, each empty where it names none."""
    month, _slash, unit = subject.removeprefix("month:").partition("/unit:")
    return month, unit
