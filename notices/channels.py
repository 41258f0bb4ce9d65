"""Ways out of the portal: messages to the telephones of who is to be told (docs/administration.md adds one)."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from notices.workflow import PORTAL

logger = logging.getLogger("portal.notices")


class UndeliverableError(Exception):
    """This person cannot be reached this way, now or later; the sentence says why. It is not tried again."""


@dataclass(frozen=True)
class Message:
    """What goes out. `key` is the same on every attempt: a gateway that knows it must not send a second time.

    `link` is a path of the portal; which address stands before it outside is the adapter's to know.
    """

    key: str
    username: str
    name: str
    phone: str
    title: str
    body: str
    link: str


class Channel(ABC):
    """A way out. `code` stands in the delivery, so it never changes; `label` is what people read."""

    code: ClassVar[str]
    label: ClassVar[str | Promise]

    @abstractmethod
    def send(self, message: Message) -> None:
        """Hand the message over, within a few seconds.

        Returns once the other side has taken it. Raises UndeliverableError where it never will be; whatever else is
        raised counts as a failed attempt, and the ledger tries again.
        """


class LogChannel(Channel):
    """Writes a line of the log instead of a message. It names the person and the matter, not the text."""

    code = "log"
    label = _("运行日志")

    def send(self, message: Message) -> None:
        """Write the line."""
        logger.info("notice %s to %s: %s", message.key, message.username, message.title)


def outgoing() -> list[Channel]:
    """The channels that `settings.NOTICE_CHANNELS` names, in that order. Raises ImportError where one is not there."""
    return [import_string(path)() for path in settings.NOTICE_CHANNELS]


def named(code: str) -> Channel:
    """The channel with this code. Raises LookupError where it is not set up (any more)."""
    for channel in outgoing():
        if channel.code == code:
            return channel
    raise LookupError(f"the notice channel {code!r} is not set up")


def label_of(code: str) -> str:
    """A channel's name; its code where it is not set up."""
    if code == PORTAL:
        return str(_("平台内"))
    return next((str(channel.label) for channel in outgoing() if channel.code == code), code)
