"""Every write of a notice: sending, seeing, signing, and the message that goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import NotAllowed, WrongState
from jobs.actions import enqueue_many
from jobs.registry import Payload
from notices import channels, registry
from notices.models import Delivery, Notice
from notices.workflow import PORTAL, DeliveryState, Tone

DELIVER = "notices.deliver"
LONGEST_ERROR = 300


@dataclass(frozen=True)
class Sent:
    """A notice, and whether this very call sent it; otherwise it had been sent before."""

    notice: Notice
    fresh: bool


@transaction.atomic
def send(
    kind: str,
    recipients: Iterable[User],
    *,
    title: str,
    body: str = "",
    link: str = "",
    about: str,
    step: str,
    actor: User | None = None,
    tone: str = Tone.INFO,
) -> Sent | None:
    """Tell people something, in the caller's transaction: on their page at once, outside by the ledger.

    Kind, subject and step name the notice: a second call, also at the same moment, sends nothing and returns the
    first one as it stands. None, and nothing written, where no recipient has an account in force. `actor` is None
    where nobody sends it but the date. Raises LookupError for a kind that is not registered.
    """
    outside = registry.get(kind).outside
    people = {person.pk: person for person in recipients if person.is_active}
    if not people:
        return None
    said: dict[str, Any] = {"title": title, "body": body, "link": link, "tone": tone, "sender": actor}
    # What only made-up people are told is made up itself.
    said["is_sample"] = all(person.is_sample for person in people.values())
    notice, fresh = Notice.objects.get_or_create(kind=kind, about=about, step=step, defaults=said)
    if fresh:
        _address(notice, sorted(people), outside=outside)
    return Sent(notice, fresh)


def _address(notice: Notice, people: list[int], *, outside: bool) -> None:
    there: dict[str, Any] = {"state": DeliveryState.SENT, "sent_at": notice.created_at}
    Delivery.objects.bulk_create([Delivery(notice=notice, recipient_id=pk, channel=PORTAL, **there) for pk in people])
    ways = channels.outgoing() if outside else []
    rows = [Delivery(notice=notice, recipient_id=pk, channel=way.code) for way in ways for pk in people]
    if rows:
        enqueue_many(DELIVER, [str(row.pk) for row in Delivery.objects.bulk_create(rows)])


@transaction.atomic
def sign(delivery: Delivery, *, actor: User) -> Delivery:
    """Sign for a notice (签收). Twice is once: the first time stays.

    Raises NotAllowed for anybody but the recipient, WrongState for a message outside the portal.
    """
    stored = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if stored.recipient_id != actor.pk:
        raise NotAllowed(_("只有收件人本人可以签收。"))
    if stored.channel != PORTAL:
        raise WrongState(_("只能在平台内签收。"))
    if stored.signed_at is None:
        _sign(Delivery.objects.filter(pk=stored.pk))
        stored.refresh_from_db()
    return stored


@transaction.atomic
def sign_all(*, actor: User) -> int:
    """Sign for everything that waits for the person's signature. Returns how many there were."""
    waiting = Delivery.objects.visible_to(actor).unsigned()
    held = list(waiting.order_by("pk").select_for_update().values_list("pk", flat=True))
    return _sign(Delivery.objects.filter(pk__in=held))


def _sign(rows: Any) -> int:
    now = timezone.now()
    return int(rows.unsigned().update(seen_at=Coalesce("seen_at", now), signed_at=now))


def mark_seen(keys: Iterable[int], *, actor: User) -> int:
    """Remember that these deliveries came before the person's eyes; others' are passed over. Returns how many."""
    rows = Delivery.objects.visible_to(actor).filter(pk__in=list(keys), seen_at__isnull=True)
    return rows.update(seen_at=timezone.now())


def deliver(key: str, payload: Payload) -> dict[str, Any]:
    """Send one message outside; the handler of `notices.deliver`.

    The row is locked and its state asked first, so that no second job sends it again. What the channel raises is the
    ledger's to try again; an UndeliverableError ends it with its reason.
    """
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("notice", "recipient")
    delivery = rows.get(pk=int(key))
    if delivery.state != DeliveryState.WAITING:
        return {"sent": 0}
    reason = _hand_over(delivery)
    outcome: dict[str, Any] = {"state": DeliveryState.SENT, "sent_at": timezone.now()}
    if reason:
        outcome = {"state": DeliveryState.FAILED, "error": reason[:LONGEST_ERROR]}
    Delivery.objects.filter(pk=delivery.pk).update(**outcome)
    return {"sent": 0 if reason else 1}


def _hand_over(delivery: Delivery) -> str:
    """Empty where the channel took it, otherwise why this person cannot be reached."""
    person, notice = delivery.recipient, delivery.notice
    if not person.is_active:
        return _("账号已停用。")
    message = channels.Message(
        key=f"portal-notice-{delivery.pk}",
        username=person.username,
        name=str(person),
        phone=person.phone,
        title=notice.title,
        body=notice.body,
        link=notice.link,
    )
    try:
        channels.named(delivery.channel).send(message)
    except channels.UndeliverableError as refusal:
        return str(refusal) or _("对方收不到。")
    return ""
