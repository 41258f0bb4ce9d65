"""The communities app: the ground floor of the domain."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    """Divisions, reporting units, communities, periods, memberships and the one rule of scope."""

    name = "communities"
    verbose_name = _("社区")

    def ready(self) -> None:
        """Make the codes of roles readable wherever history says in which capacity somebody acted, and the register
        one that can be brought in from Excel.
        """
        from accounts.models import AdministratorKind
        from communities.imports import CommunityTarget
        from communities.roles import Role
        from core.history import register_capacities
        from exchange import registry

        register_capacities([*Role.choices, *AdministratorKind.choices])
        registry.register(CommunityTarget())
