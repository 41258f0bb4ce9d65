"""The dashboards app: facts and figures."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Indicators, the roll-up, figures, and every page that shows more than one app."""

    name = "dashboards"
    verbose_name = _("数据")

    def ready(self) -> None:
        from dashboards import jobs

        jobs.register()
