"""The first page after sign-in: each person is led to where their work is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse
from django.views.generic import RedirectView

from accounts.models import Administrator, AdministratorKind
from communities.roles import CITY_ROLES, UNIT_ROLES, Role
from communities.scoping import reach_of


class HomeView(LoginRequiredMixin, RedirectView):
    """Sends people on; without a role it shows them their own account."""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        """The first page of the person's role."""
        roles = reach_of(self.request.user).roles
        if roles & (CITY_ROLES | UNIT_ROLES):
            return reverse("dashboards:leader")
        if Role.INSPECTOR in roles:
            return reverse("inspections:list")
        if roles:
            return reverse("communities:list")
        if Administrator.objects.filter(user=self.request.user.pk, kind=AdministratorKind.SYSTEM).exists():
            return reverse("jobs:list")
        return reverse("my_account")
