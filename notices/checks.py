"""What must be right before the portal starts: a channel that cannot be loaded would stop every notice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from notices.channels import Channel
from notices.workflow import PORTAL


def channels_can_be_used(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """`NOTICE_CHANNELS` names classes that are channels, each with a code of its own."""
    found: list[checks.CheckMessage] = []
    codes = {PORTAL}
    for path in settings.NOTICE_CHANNELS:
        try:
            channel = import_string(path)
        except ImportError as error:
            found.append(checks.Error(f"NOTICE_CHANNELS: {path} cannot be loaded: {error}", id="notices.E001"))
            continue
        if not (isinstance(channel, type) and issubclass(channel, Channel)):
            found.append(checks.Error(f"NOTICE_CHANNELS: {path} is no Channel", id="notices.E002"))
        elif channel.code in codes:
            found.append(checks.Error(f"NOTICE_CHANNELS: the code {channel.code!r} is taken", id="notices.E003"))
        else:
            codes.add(channel.code)
    return found
