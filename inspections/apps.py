"""The inspections app: quarterly inspection."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    """Rounds, scoring sheets and inspections."""

    name = "inspections"
    verbose_name = _("检查")
