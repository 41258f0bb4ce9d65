"""The states of a delivery and the moves between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

# The channel that everybody has: the notice stands on their page, and there alone it can be signed for.
PORTAL = "portal"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("待发送")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")


class Tone(models.TextChoices):
    """How pressing a notice is."""

    INFO = "info", _("一般")
    WARN = "warn", _("提醒")
    BAD = "bad", _("紧急")


# From a state: the states it may go to. What was sent is never sent again.
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.WAITING: frozenset({DeliveryState.SENT, DeliveryState.FAILED}),
    DeliveryState.SENT: frozenset(),
    DeliveryState.FAILED: frozenset(),
}
