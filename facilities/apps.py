"""The facilities app: construction."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    """Projects and their dated stages."""

    name = "facilities"
    verbose_name = _("项目")

    def ready(self) -> None:
        """Say which notices construction sends and which work it does through the ledger."""
        from facilities import jobs, notice_kinds, reminders

        jobs.register()
        notice_kinds.register()
        reminders.register()
