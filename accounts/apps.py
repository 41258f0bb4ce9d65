"""The accounts app: who may act, and who did."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Knows no domain model."""

    name = "accounts"
    verbose_name = _("账号")

    def ready(self) -> None:
        """Listen to what Django, allauth and axes announce."""
        from accounts import receivers  # noqa: F401
