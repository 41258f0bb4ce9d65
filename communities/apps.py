"""The communities app: the ground floor of the domain."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    """Divisions, reporting units, communities, periods, memberships and the one rule of scope."""

    name = "communities"
    verbose_name = _("社区")
