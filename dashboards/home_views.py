"""The first page after sign-in, and the look that it becomes once it was really before somebody's eyes."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views import View

from accounts.models import User
from core.views import ScopedMixin, ScopedPageView
from dashboards.actions import look
from dashboards.home.page import home_page
from dashboards.models import LastLook


class HomePageView(ScopedPageView):
    """What waits for this person today. Everybody who is signed in has one."""

    queryset = LastLook.objects.all()
    template_name = "dashboards/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page as plain values."""
        user, asked_for_all = cast(User, self.request.user), self.request.GET.get("changes") == "all"
        home = home_page(user, timezone.now(), all_changes=asked_for_all)
        return super().get_context_data(home=home, **kwargs)


class LookedView(ScopedMixin, View):
    """The page says that it came into view. Reading it alone never counts: browsers fetch pages ahead, too."""

    queryset = LastLook.objects.all()
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember the look; 400 without the moment that the page showed."""
        try:
            at = parse_datetime(request.POST.get("at", ""))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or at.year < dt.MINYEAR + 1:
            return HttpResponseBadRequest()
        look(actor=cast(User, request.user), at=at)
        return HttpResponse()
