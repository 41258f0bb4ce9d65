"""The facilities app: construction."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    """Projects and their dated stages."""

    name = "facilities"
    verbose_name = _("项目")

    def ready(self) -> None:
        from facilities import notice_kinds, reminders

        notice_kinds.register()
        reminders.register()
