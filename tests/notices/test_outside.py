"""Messages outside: through the ledger, never twice to one person, failures with their reason."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from jobs.actions import enqueue, work_off
from jobs.models import Job
from jobs.workflow import JobState
from notices.actions import DELIVER, deliver
from notices.channels import Channel, label_of
from notices.checks import channels_can_be_used
from notices.models import Delivery
from tests.factories import make_user
from tests.jobs.threads import in_parallel
from tests.notices.conftest import OUTSIDE, tell

# The ledger commits each step.
pytestmark = pytest.mark.django_db(transaction=True)


def outside() -> Delivery:
    return Delivery.objects.exclude(channel="portal").get()


def test_the_ledger_sends_what_a_notice_asks_for(telephone: Any) -> None:
    person = make_user(phone="0712-1234567", full_name="王五")
    tell(person, kind=OUTSIDE, body="缺 8 个", link="/projects/reports/")
    assert outside().state == "waiting" and telephone.taken == []
    work_off()
    assert outside().state == "sent" and outside().sent_at is not None
    [message] = telephone.taken
    assert (message.name, message.phone, message.body) == ("王五", "0712-1234567", "缺 8 个")
    assert message.key == f"portal-notice-{outside().pk}"
    assert Job.objects.get(kind=DELIVER).result == {"sent": 1}


def test_a_second_job_for_the_same_delivery_sends_nothing(telephone: Any) -> None:
    tell(make_user(phone="1"), kind=OUTSIDE)
    work_off()
    enqueue(DELIVER, str(outside().pk))
    work_off()
    assert len(telephone.taken) == 1
    assert Job.objects.filter(kind=DELIVER, state=JobState.DONE).count() == 2


def test_two_at_the_same_moment_send_once(telephone: Any) -> None:
    tell(make_user(phone="1"), kind=OUTSIDE)
    key = str(outside().pk)

    def send_it() -> object:
        with transaction.atomic():
            return deliver(key, {})["sent"]

    assert sorted(map(str, in_parallel([send_it for _ in range(4)]))) == ["0", "0", "0", "1"]
    assert len(telephone.taken) == 1 and outside().state == "sent"


def test_a_gateway_that_does_not_answer_is_tried_again_and_then_a_person_looks(telephone: Any) -> None:
    telephone.broken = True
    tell(make_user(phone="1"), kind=OUTSIDE)
    for _attempt in range(3):
        Job.objects.waiting().update(run_after=Now())
        work_off()
    job = Job.objects.get(kind=DELIVER)
    assert job.state == JobState.PARKED and "does not answer" in job.error
    assert outside().state == "waiting", "once it answers, a retry sends it"
    telephone.broken = False
    with transaction.atomic():
        deliver(job.key, {})
    assert outside().state == "sent"


def test_who_cannot_be_reached_is_on_record_with_the_reason(telephone: Any) -> None:
    tell(make_user(), kind=OUTSIDE)
    work_off()
    assert (outside().state, outside().error) == ("failed", "没有联系电话。")
    assert Job.objects.get(kind=DELIVER).state == JobState.DONE, "it is not tried again"


def test_an_account_that_was_ended_meanwhile_gets_no_message(telephone: Any) -> None:
    person = make_user(phone="1")
    tell(person, kind=OUTSIDE)
    person.is_active = False
    person.save()
    work_off()
    assert telephone.taken == [] and outside().error == "账号已停用。"


def test_a_channel_that_was_taken_away_waits_for_a_person(settings: Any) -> None:
    tell(make_user(phone="1"), kind=OUTSIDE)
    settings.NOTICE_CHANNELS = []
    with pytest.raises(LookupError, match="telephone"), transaction.atomic():
        deliver(str(outside().pk), {})
    assert outside().channel_label == "telephone"
    assert tell(make_user(), kind=OUTSIDE, step="2").deliveries.count() == 1, "no channel, no row"


def test_the_embedded_channel_writes_a_line(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.NOTICE_CHANNELS = ["notices.channels.LogChannel"]
    tell(make_user(username="clerk"), kind=OUTSIDE, title="月报没有交", body="不写进日志的内容")
    with caplog.at_level(logging.INFO, "portal.notices"):
        work_off()
    assert "to clerk: 月报没有交" in caplog.text and "不写进日志的内容" not in caplog.text
    assert outside().state == "sent" and label_of("log") == "运行日志" and label_of("portal") == "平台内"


class TakesThePortalsCode(Channel):
    """A channel whose code is taken."""

    code = "portal"
    label = "冒名"

    def send(self, message: Any) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("nowhere.Channel", "notices.E001"),
        ("notices.models.Notice", "notices.E002"),
        (f"{__name__}.TakesThePortalsCode", "notices.E003"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_at_start(path: str, error: str, settings: Any) -> None:
    assert channels_can_be_used(None) == []
    settings.NOTICE_CHANNELS = [path]
    assert [found.id for found in channels_can_be_used(None)] == [error]
