"""The jobs app: the ledger of background work."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Knows no kind of work: higher apps register theirs in their own `ready()`."""

    name = "jobs"
    verbose_name = _("后台作业")
