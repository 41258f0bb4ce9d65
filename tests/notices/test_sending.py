"""Sending: to whom, once for a subject and step, and only what the database lets stand."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from hypothesis import given

from accounts.models import User
from jobs.models import Job
from notices import registry
from notices.actions import DELIVER, Sent, send
from notices.models import Delivery, Notice
from tests.factories import make_user
from tests.jobs.threads import in_parallel
from tests.notices.conftest import OUTSIDE, PLAIN, mail, tell

pytestmark = pytest.mark.django_db


def test_each_recipient_has_it_at_once_and_the_sender_is_named() -> None:
    sender, one, other = make_user(), make_user(), make_user()
    notice = tell(one, other, one, actor=sender, body="缺 8 个", link="/projects/reports/", tone="bad")
    assert set(notice.deliveries.values_list("recipient", "channel", "state")) == {
        (one.pk, "portal", "sent"),
        (other.pk, "portal", "sent"),
    }
    assert mail(one).sent_at == notice.created_at
    assert (notice.sender_label, notice.kind_label) == (str(sender), "测试通知")
    assert tell(one, step="2").sender_label == "自动提醒"
    assert not Job.objects.filter(kind=DELIVER).exists(), "a plain kind stays in the portal"


def test_ended_accounts_get_nothing_and_without_anybody_nothing_is_written() -> None:
    gone = make_user(is_active=False)
    assert send(PLAIN, [gone], title="标题", about="x", step="1") is None
    assert send(PLAIN, [], title="标题", about="x", step="1") is None
    assert not Notice.objects.exists()
    assert tell(gone, make_user(), about="x").deliveries.count() == 1


def test_a_second_call_sends_nothing_and_gives_the_first() -> None:
    one, other = make_user(), make_user()
    first = tell(one, kind=OUTSIDE)
    again = send(OUTSIDE, [one, other], title="别的", about=first.about, step="1")
    assert again == Sent(first, fresh=False)
    assert Notice.objects.count() == 1 and Delivery.objects.filter(channel="portal").count() == 1
    assert Job.objects.filter(kind=DELIVER).count() == 1


@given(calls=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.integers(0, 2)), max_size=12))
def test_one_notice_for_each_subject_and_step_and_one_delivery_a_person(calls: list[tuple[str, str, int]]) -> None:
    with transaction.atomic():
        people = [make_user() for _ in range(3)]
        first: dict[tuple[str, str], int] = {}
        for about, step, place in calls:
            tell(people[place], about=about, step=step)
            first.setdefault((about, step), people[place].pk)
        found = {
            (row.notice.about, row.notice.step): row.recipient_id for row in Delivery.objects.select_related("notice")
        }
        assert found == first and Delivery.objects.count() == len(first)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_one_is_sent() -> None:
    person = make_user()
    sent: list[Any] = in_parallel(
        [lambda: send(OUTSIDE, [person], title="标题", about="同一件", step="1") for _ in range(6)]
    )
    assert sorted(each.fresh for each in sent) == [False] * 5 + [True]
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 2)
    assert Job.objects.filter(kind=DELIVER).count() == 1


def test_what_fails_in_the_callers_transaction_was_never_sent() -> None:
    person = make_user()
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(person, kind=OUTSIDE)
        raise RuntimeError
    assert not Notice.objects.exists() and not Job.objects.filter(kind=DELIVER).exists()


def test_a_kind_that_nobody_registered_is_an_error() -> None:
    with pytest.raises(LookupError, match="nobody.knows"):
        send("nobody.knows", [make_user()], title="标题", about="x", step="1")
    with pytest.raises(ValueError, match="twice"):
        registry.register(PLAIN, label="别的")


@pytest.mark.parametrize(
    "link", ["https://example.org/", "//example.org", "/\\example.org", "projects/", "javascript:1"]
)
def test_a_link_stays_inside_the_portal(link: str) -> None:
    with pytest.raises(IntegrityError, match="notice_link_inside"), transaction.atomic():
        tell(make_user(), link=link)


@pytest.mark.parametrize("link", ["", "/", "/projects/reports/?month=3"])
def test_paths_of_the_portal_are_links(link: str) -> None:
    assert tell(make_user(), link=link).link == link


def test_what_only_made_up_people_are_told_is_a_sample() -> None:
    sample, real = make_user(is_sample=True), make_user()
    assert tell(sample).is_sample and not tell(sample, real, step="2").is_sample


def test_nobody_changes_or_removes_what_was_said() -> None:
    notice = tell(make_user())
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Notice.objects.update(title="别的")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk)._raw_delete("default")


def test_the_city_office_sees_all_the_sender_their_own_the_recipient_theirs() -> None:
    office, sender, person, other = make_user("city_office"), make_user(), make_user(), make_user()
    notice = tell(person, actor=sender)

    def sees(user: User) -> tuple[bool, bool]:
        seen, followed = Notice.objects.visible_to(user), Notice.objects.followed_by(user)
        return notice in seen, notice in followed

    assert {
        name: sees(user)
        for name, user in (("office", office), ("sender", sender), ("person", person), ("other", other))
    } == {
        "office": (True, True),
        "sender": (True, True),
        "person": (True, False),
        "other": (False, False),
    }
    assert not Delivery.objects.visible_to(office).exists(), "the office signs for nobody"
