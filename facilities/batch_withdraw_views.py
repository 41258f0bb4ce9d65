"""Taking back what was submitted of a unit's month: one submission, or all of it that still waits."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from core.errors import NotAllowed, WrongState
from core.incidents import error_page
from facilities.batch_actions import TakenBack, withdraw_month
from facilities.batch_views import UnitMonth, batch_url
from facilities.models import ProgressReport, Project
from facilities.views import actor_of


class BatchWithdraw(UnitMonth, View):
    """Asked with `at`, the moment of a submission of the person's own; or with `unit` and `until`, another moment."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        """Take back what still waits, say how much was decided meanwhile, and go back to the unit's month."""
        try:
            seen = dict(self.asked().values_list("pk", "version"))
            outcome = withdraw_month(self.month, seen, actor=actor_of(self))
        except ValueError as error:
            raise BadRequest from error
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except WrongState as refusal:
            return error_page(request, refusal.status, refusal.message)
        _tell(request, outcome)
        unit = request.GET.get("unit", "")
        return HttpResponseRedirect(batch_url(self.month) + (f"?{urlencode({'unit': unit})}" if unit else ""))

    def asked(self) -> Any:
        """The reports. ValueError where the address is none; 404 for a foreign unit, 403 for another's submission."""
        query, user = self.request.GET, actor_of(self)
        reports = ProgressReport.objects.of_month(self.month)
        if "at" in query:
            reports = reports.visible_to(user).filter(submitted_at=_moment(query["at"]))
            if reports.exclude(submitted_by=user).exists():
                raise PermissionDenied(_("这是别人提交的，只能撤回自己提交的。"))
            return reports
        until, unit = _moment(query.get("until", "")), query.get("unit", "")
        projects = Project.objects.reportable_by(user).expected_in(self.month).with_place()
        projects = projects.filter(place_code=unit or None)  # type: ignore[misc]  # annotated
        if not projects.exists():
            raise Http404
        reports = reports.withdrawable_by(user).filter(project__in=projects.values("pk"))
        return reports.filter(submitted_at__lte=until, revision=1)


def _moment(text: str) -> dt.datetime:
    """A moment with its zone. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        raise ValueError(text)
    return moment


def _tell(request: HttpRequest, outcome: TakenBack) -> None:
    told = {"number": outcome.withdrawn, "decided": outcome.decided}
    if outcome.withdrawn and outcome.decided:
        messages.warning(request, _("撤回 %(number)d 个；%(decided)d 个已经审核，不能撤回。") % told)
    elif outcome.withdrawn:
        messages.success(request, _("已撤回 %(number)d 个，可以接着改。") % told)
    elif outcome.decided:
        messages.warning(request, _("%(decided)d 个已经审核，不能撤回。") % told)
    else:
        messages.warning(request, _("没有要撤回的，都已经撤回或改过了。"))
