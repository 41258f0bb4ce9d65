"""The first page after sign-in: each person is led to where their work is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse
from django.views.generic import RedirectView

from accounts.models import Administrator, AdministratorKind
from communities.roles import Role
from communities.scoping import reach_of

# What each of the three administrators is there for.
ADMINISTRATORS: dict[str, str] = {
    AdministratorKind.SYSTEM: "accounts:list",
    AdministratorKind.SECURITY: "communities:holders",
    AdministratorKind.AUDIT: "accounts:log",
}


class HomeView(LoginRequiredMixin, RedirectView):
    """Sends people on. Whoever has neither a role nor an administrator's office learns there who grants roles."""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        """The first page of the person's roles: figures for leaders, what waits for everybody else."""
        roles = reach_of(self.request.user).roles
        if Role.LEADER in roles:
            return reverse("dashboards:leader")
        if roles:
            return reverse("dashboards:home")
        kind = Administrator.objects.filter(user=self.request.user.pk).values_list("kind", flat=True).first()
        return reverse(ADMINISTRATORS.get(str(kind), "dashboards:home"))
