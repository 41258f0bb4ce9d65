"""What people are told when something happens to a report of theirs."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from communities.models import Membership, Placement
from communities.roles import CITY_ROLES, Role
from core.periods import today
from facilities.duty import on_duty
from facilities.models import ProgressReport
from facilities.notice_kinds import RETURNED
from facilities.report_place import form_url
from facilities.report_workflow import REPORTERS
from notices.actions import send
from notices.workflow import Tone


def tell_returned(report: ProgressReport, *, actor: User) -> None:
    """Tell whoever is to mend a returned report why it came back, in the transaction that returns it."""
    with override(settings.LANGUAGE_CODE):
        send(
            RETURNED,
            _menders_of(report),
            title=_("%(project)s %(month)s 月报被退回") % {"project": report.project, "month": report.month},
            body=_("理由：%(reason)s") % {"reason": report.return_reason},
            link=form_url(report.project, report.month),
            about=f"report:{report.pk}",
            # Each return is a version of its own.
            step=f"version:{report.version}",
            actor=actor,
            tone=Tone.WARN,
        )


def _menders_of(report: ProgressReport) -> Iterable[User]:
    """Its authors who may still report there; where all have left, the people who fill in for the unit now."""
    home = Placement.objects.newest().select_related("unit").get(community=report.project.community_id).unit
    posts = Membership.objects.in_term(today()).filter(role__in=REPORTERS, user__in=report.authors)
    held = posts.filter(Q(unit=home) | Q(role__in=sorted(CITY_ROLES))).values("user")
    authors = list(User.objects.active().filter(pk__in=held))
    return authors or on_duty(Role.COUNTY_ENTRY, [home]).get(home.pk, [])
