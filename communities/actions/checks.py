"""What several actions of the ground floor ask before they write."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from communities.models import Community, Placement, ReportingUnit
from communities.roles import Role
from communities.scoping import reach_of
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today
from core.sentences import gettext as _

# The founding of the state: no document, unit, centre or organisation that the portal knows is older.
EARLIEST = dt.date(1949, 10, 1)


def require_city_office(actor: User) -> None:
    """Raises NotAllowed unless the actor is of the city office today."""
    if Role.CITY_OFFICE not in reach_of(actor).city:
        raise NotAllowed(_("这件事由市新社区办办。"))


def require_unit(actor: User, unit: ReportingUnit) -> None:
    """Raises NotAllowed unless the actor may enter records of the unit today."""
    if not ReportingUnit.objects.writable_by(actor).filter(pk=unit.pk).exists():
        raise NotAllowed(_("你的岗位不能为“%s”登记。") % unit)


def require_reason(reason: str) -> str:
    """The reason without blanks around it; RuleViolation where nothing is left."""
    if not reason.strip():
        raise RuleViolation(_("请写明原因，以后查得到。"), field="reason")
    return reason.strip()


def check_not_too_early(day: dt.date, field: str) -> None:
    """Raises RuleViolation on `field` for a day before `EARLIEST`, which is a slip of the pen."""
    if day < EARLIEST:
        raise RuleViolation(
            _("日期 %(day)s 太早，不能早于 %(earliest)s（新中国成立）。核对年份后再填。")
            % {"day": day, "earliest": EARLIEST},
            field=field,
        )


def check_day(day: dt.date, field: str) -> None:
    """Raises RuleViolation on `field` for a day on which nothing can have happened that the portal records.

    Not before `EARLIEST`: it would count in every quarter there is. Not after today in Shanghai either: what is
    open-ended counts, and is seen, as the present.
    """
    check_not_too_early(day, field)
    if day > today():
        raise RuleViolation(
            _("日期 %(day)s 还没到，今天是 %(today)s。到了那天再登记。") % {"day": day, "today": today()}, field=field
        )


def lock_present(community: Community, *, ends_on: dt.date, field: str) -> Placement:
    """The community's present placement, locked until the transaction ends, which is to end on `ends_on`.

    The community's row is locked first, so that of two writers the second sees what the first wrote.
    Raises WrongState where it has none (it has ended), RuleViolation where `ends_on` is not after its start.
    """
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    present = Placement.objects.current().filter(community=community).select_related("unit").first()
    if present is None:
        raise WrongState(_("“%s”已经撤销，没有现行归属。") % community)
    if ends_on <= present.valid_from:
        raise RuleViolation(
            _("现在的归属从 %(start)s 起，这次填了 %(day)s。日期要晚于 %(start)s。")
            % {"start": present.valid_from, "day": ends_on},
            field=field,
        )
    check_day(ends_on, field)
    return present
