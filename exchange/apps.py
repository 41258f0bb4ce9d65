"""The exchange app: Excel in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """Knows no domain model: higher apps register what can be brought in, in their own `ready()`."""

    name = "exchange"
    verbose_name = _("导入与导出")

    def ready(self) -> None:
        """Make the work of imports known to the ledger."""
        from exchange import work

        work.register()
