"""签收: by the recipient alone, once and for good; the database holds it whoever writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import NotAllowed, WrongState
from notices.actions import mark_seen, sign, sign_all
from notices.models import Delivery
from tests.factories import make_user
from tests.jobs.threads import in_parallel
from tests.notices.conftest import OUTSIDE, mail, tell

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def test_the_recipient_signs_and_nobody_for_them() -> None:
    person, sender, office = make_user(), make_user(), make_user("city_office")
    tell(person, actor=sender)
    for other in (sender, office, make_user()):
        with pytest.raises(NotAllowed, match="只有收件人本人"):
            sign(mail(person), actor=other)
    assert mail(person).signed_at is None
    signed = sign(mail(person), actor=person)
    assert signed.signed_at is not None and signed.seen_at == signed.signed_at


def test_twice_is_once() -> None:
    person = make_user()
    tell(person)
    first = sign(mail(person), actor=person).signed_at
    assert sign(mail(person), actor=person).signed_at == first


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_sign_once() -> None:
    person = make_user()
    tell(person)
    row = mail(person)
    found: list[Any] = in_parallel([lambda: sign(row, actor=person).signed_at for _ in range(10)])
    assert len(set(found)) == 1


def test_signing_for_all_takes_ones_own_alone() -> None:
    person, other = make_user(), make_user()
    for step in "123":
        tell(person, other, step=step, kind=OUTSIDE)
    assert (sign_all(actor=person), sign_all(actor=person)) == (3, 0)
    assert Delivery.objects.visible_to(other).unsigned().count() == 3


def test_seeing_is_remembered_the_first_time_and_for_oneself() -> None:
    person, other = make_user(), make_user()
    tell(person, other)
    keys = [mail(person).pk, mail(other).pk, 10**12]
    assert mark_seen(keys, actor=person) == 1
    first = mail(person).seen_at
    assert first is not None and mail(other).seen_at is None
    assert mark_seen(keys, actor=person) == 0
    signed = sign(mail(person), actor=person)
    assert signed.seen_at == first and signed.signed_at is not None and signed.signed_at > first


def test_a_message_outside_is_not_signed_for() -> None:
    person = make_user()
    tell(person, kind=OUTSIDE)
    outside = Delivery.objects.get(channel="telephone")
    with pytest.raises(WrongState, match="只能在平台内签收"):
        sign(outside, actor=person)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"signed_at": None}, "stays so"),
        ({"signed_at": timezone.now() + HOUR}, "stays so"),
        ({"seen_at": None, "signed_at": None}, "stays so"),
        ({"sent_at": timezone.now() - HOUR}, "stays so"),
        ({"channel": "log"}, "keeps its notice"),
        ({"state": "waiting", "sent_at": None}, "no such move"),
    ],
)
def test_what_happened_stays(change: dict[str, Any], rule: str) -> None:
    person = make_user()
    tell(person)
    row = sign(mail(person), actor=person)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError, match="keeps its notice"), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(recipient=make_user())
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"state": "sent"}, "delivery_sent_has_time"),
        ({"state": "failed"}, "delivery_failed_has_reason"),
        ({"state": "lost"}, "delivery_state_known"),
        ({"state": "sent", "sent_at": 0, "seen_at": -1}, "delivery_seen_after_sent"),
        ({"state": "sent", "sent_at": 0, "signed_at": 1}, "delivery_signed_after_seen"),
        ({"state": "sent", "sent_at": 0, "seen_at": 2, "signed_at": 1}, "delivery_signed_after_seen"),
        ({"state": "sent", "sent_at": 0, "seen_at": 1, "channel": "log"}, "delivery_signed_in_portal"),
    ],
)
def test_the_order_of_times_is_the_databases_to_hold(fields: dict[str, Any], rule: str) -> None:
    now = timezone.now()
    row = {name: now + value * HOUR if name.endswith("_at") else value for name, value in fields.items()}
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Delivery.objects.create(notice=tell(make_user()), recipient=make_user(), **row)


def test_one_delivery_for_each_person_and_channel() -> None:
    person = make_user()
    notice = tell(person)
    with pytest.raises(IntegrityError, match="delivery_once"), transaction.atomic():
        Delivery.objects.create(notice=notice, recipient=person, state="sent", sent_at=timezone.now())
