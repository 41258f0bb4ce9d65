"""The facilities app: construction."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    """Projects and their dated stages."""

    name = "facilities"
    verbose_name = _("项目")

    def ready(self) -> None:
        """Say which notices construction sends, which work it does through the ledger, and what Excel may bring."""
        from exchange import registry
        from facilities import jobs, notice_kinds, reminders
        from facilities.imports import MonthTarget
        from facilities.project_imports import ProjectTarget

        jobs.register()
        registry.register(MonthTarget())
        registry.register(ProjectTarget())
        notice_kinds.register()
        reminders.register()
