"""What the tests of notices share: kinds that come and go, a silent broker, a channel that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from jobs import broker
from notices import registry
from notices.actions import send
from notices.channels import Channel, Message, UndeliverableError
from notices.models import Delivery, Notice

PLAIN, OUTSIDE = "test.plain", "test.outside"


class Telephone(Channel):
    """Remembers what it was given; refuses people without a number, breaks when told to."""

    code = "telephone"
    label = "电话"
    taken: list[Message] = []
    broken = False

    def send(self, message: Message) -> None:
        if self.broken:
            raise OSError("the gateway does not answer")
        if not message.phone:
            raise UndeliverableError("没有联系电话。")
        self.taken.append(message)


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    registry.register(PLAIN, label="测试通知")
    registry.register(OUTSIDE, label="测试催办", outside=True)
    yield
    registry.forget(PLAIN)
    registry.forget(OUTSIDE)


@pytest.fixture(autouse=True)
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_publish", lambda: None)
    broker.breaker.worked()


@pytest.fixture(autouse=True)
def telephone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Telephone]:
    settings.NOTICE_CHANNELS = [f"{__name__}.Telephone"]
    monkeypatch.setattr(Telephone, "taken", [])
    monkeypatch.setattr(Telephone, "broken", False)
    return Telephone


def tell(
    *people: User, kind: str = PLAIN, about: str = "month:2013-12/unit:XC", step: str = "1", **said: Any
) -> Notice:
    """A notice for these people."""
    said.setdefault("title", "月报还有 8 个项目没有交")
    sent = send(kind, people, about=about, step=step, **said)
    assert sent is not None
    return sent.notice


def mail(user: User) -> Delivery:
    """The only notice that a person has on their page."""
    return Delivery.objects.visible_to(user).get()
