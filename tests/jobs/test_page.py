"""The page of the ledger: for system administrators, errors in sight, one click to retry, audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, AuditVerb, User
from core.errors import NotAllowed, WrongState
from jobs import actions
from jobs.models import Job
from jobs.workflow import JobState
from tests.jobs.conftest import Register, let_rest_pass, the_job

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

MakeUser = Callable[..., User]
AsUser = Callable[[User], Client]


@pytest.fixture
def parked(register: Register) -> Job:
    """A job that failed three times."""

    def fail(key: str, payload: Any) -> None:
        raise ValueError("<b>没有这个单位</b>")

    kind = register(fail)
    actions.enqueue(kind, "XN")
    for _attempt in range(3):
        actions.work_off()
        let_rest_pass()
    return the_job(kind)


@pytest.fixture
def system_administrator(make_user: MakeUser) -> User:
    """Who keeps the portal running."""
    return make_user(administrator="system")


def outsiders(make_user: MakeUser) -> list[User]:
    """People with an account to whom the ledger is no business."""
    return [
        make_user(administrator="security"),
        make_user(administrator="audit"),
        make_user("city_office"),
        make_user(),
        make_user(administrator="system", is_active=False),
    ]


def test_the_administrator_sees_the_error_and_the_button(
    parked: Job, system_administrator: User, as_user: AsUser
) -> None:
    answer = as_user(system_administrator).get(reverse("jobs:list"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "测试作业" in page
    assert "ValueError: &lt;b&gt;没有这个单位&lt;/b&gt;" in page
    assert f'action="{reverse("jobs:retry", args=[parked.pk])}"' in page


def test_parked_jobs_come_first_and_done_ones_when_asked_for(
    parked: Job, register: Register, system_administrator: User, as_user: AsUser
) -> None:
    kind = register()
    actions.enqueue(kind, "done")
    actions.work_off()
    actions.enqueue(kind, "waiting")
    client = as_user(system_administrator)
    rows = client.get(reverse("jobs:list")).context["page_obj"].object_list
    assert [job.key for job in rows] == ["XN", "waiting", "done"]
    rows = client.get(reverse("jobs:list"), {"state": "done"}).context["page_obj"].object_list
    assert [job.key for job in rows] == ["done"]
    rows = client.get(reverse("jobs:list"), {"kind": kind}).context["page_obj"].object_list
    assert [job.key for job in rows] == ["waiting", "done"]


def test_an_empty_ledger_says_so_in_words(system_administrator: User, as_user: AsUser) -> None:
    page = as_user(system_administrator).get(reverse("jobs:list")).content.decode()
    assert "后台作业都正常" in page
    assert "这里没有作业" in page


def test_htmx_gets_the_rows_alone(parked: Job, system_administrator: User, as_user: AsUser) -> None:
    page = as_user(system_administrator).get(reverse("jobs:list"), headers={"HX-Request": "true"}).content.decode()
    assert "没有这个单位" in page
    assert "<html" not in page


def test_nobody_else_sees_or_retries(parked: Job, make_user: MakeUser, as_user: AsUser) -> None:
    for user in outsiders(make_user):
        client = as_user(user)
        signed_in = user.is_active
        assert client.get(reverse("jobs:list")).status_code == (403 if signed_in else 302)
        assert client.post(reverse("jobs:retry", args=[parked.pk])).status_code == (404 if signed_in else 302)
        assert not Job.objects.all().visible_to(user).exists()
        assert not Job.objects.all().editable_by(user).exists()
    assert the_job(parked.kind).state == JobState.PARKED


def test_who_is_not_signed_in_is_sent_to_sign_in(parked: Job, client: Client) -> None:
    assert client.get(reverse("jobs:list")).status_code == 302
    assert client.post(reverse("jobs:retry", args=[parked.pk])).status_code == 302
    assert the_job(parked.kind).state == JobState.PARKED


def test_one_click_lets_it_run_again_and_is_audited(parked: Job, system_administrator: User, as_user: AsUser) -> None:
    answer = as_user(system_administrator).post(reverse("jobs:retry", args=[parked.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("jobs:list")
    job = the_job(parked.kind)
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    entry = AuditEntry.objects.get(verb=AuditVerb.RETRIED)
    assert entry.actor == system_administrator
    assert entry.detail["job"] == parked.pk
    assert "没有这个单位" in entry.detail["error"]


def test_a_job_that_is_not_parked_cannot_be_retried(parked: Job, system_administrator: User, as_user: AsUser) -> None:
    client = as_user(system_administrator)
    client.post(reverse("jobs:retry", args=[parked.pk]))
    assert client.post(reverse("jobs:retry", args=[parked.pk])).status_code == 409
    with pytest.raises(WrongState):
        actions.retry(parked, actor=system_administrator)
    assert AuditEntry.objects.filter(verb=AuditVerb.RETRIED).count() == 1


def test_the_action_itself_refuses_everybody_else(parked: Job, make_user: MakeUser) -> None:
    for user in outsiders(make_user):
        with pytest.raises(NotAllowed):
            actions.retry(parked, actor=user)
    assert not AuditEntry.objects.filter(verb=AuditVerb.RETRIED).exists()


def test_a_retried_job_gives_way_to_the_row_that_waits_already(parked: Job, system_administrator: User) -> None:
    actions.enqueue(parked.kind, parked.key)
    assert actions.retry(parked, actor=system_administrator).state == JobState.DONE
    assert Job.objects.pending(parked.kind).count() == 1


def test_the_link_needs_a_post_and_a_token(parked: Job, system_administrator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(system_administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("jobs:retry", args=[parked.pk])).status_code in (404, 405)
    assert client.post(reverse("jobs:retry", args=[parked.pk])).status_code == 403
    assert the_job(parked.kind).state == JobState.PARKED
