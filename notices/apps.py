"""The notices app: what people were told, and whether they signed for it."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Knows no kind of notice: higher apps register theirs in their own `ready()`."""

    name = "notices"
    verbose_name = _("通知")

    def ready(self) -> None:
        from jobs import registry
        from notices.actions import DELIVER, deliver
        from notices.checks import channels_can_be_used

        registry.register(DELIVER, deliver, label=_("通知发送"))
        checks.register(channels_can_be_used)
