"""The system administrator's pages: a password shown once, an account ended at once, nothing of the business."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, AuditVerb, PastPassword, User
from tests.accounts.conftest import LOGIN

LIST = "/people/"


@pytest.fixture(autouse=True)
def _own_urls() -> None:
    """The portal's own addresses here."""


@pytest.fixture
def system(make_user: Any) -> Any:
    return make_user(administrator="system", username="sysadmin")


@pytest.fixture
def office(system: User, as_user: Any) -> Any:
    return as_user(system)


def shown(page: str) -> str:
    """The secret on a page."""
    found = re.search(r'<output[^>]*id="secret"[^>]*>([^<]+)</output>', page)
    assert found
    return found[1].replace("&amp;", "&").replace("&#x27;", "'")


def acts() -> list[tuple[str, str, str]]:
    entries = AuditEntry.objects.of(AuditVerb.ACCOUNT).order_by("pk")
    return [(entry.detail["act"], entry.username, entry.target) for entry in entries]


def test_a_new_account_gets_a_password_that_is_shown_once(office: Client) -> None:
    key = str(uuid.uuid4())
    form = {"username": "li.na", "full_name": "李娜", "phone": "0712-123", "request_key": key}
    answer = office.post(f"{LIST}new/", form)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")
    password = shown(answer.content.decode())
    user = User.objects.get(username="li.na")
    assert user.check_password(password) and user.must_change_password and user.phone == "0712-123"
    again = office.post(f"{LIST}new/", form)
    assert again.status_code == 409 and password not in again.content.decode()
    assert password not in office.get(f"{LIST}{user.pk}/").content.decode()
    assert acts() == [("created", "sysadmin", "li.na")]
    assert password not in str(list(AuditEntry.objects.values())) + str(list(PastPassword.objects.values()))
    client = Client()
    assert client.post(LOGIN, {"login": "li.na", "password": password}).status_code == 302
    assert client.get("/communities/")["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize("name", ["SYSADMIN", "with space", "", "a\0b"])
def test_a_bad_user_name_comes_back_with_what_was_entered(office: Client, name: str) -> None:
    answer = office.post(f"{LIST}new/", {"username": name, "full_name": "李娜"})
    assert answer.status_code in (400, 422)
    assert "is-error" in answer.content.decode() and "李娜" in answer.content.decode()
    assert User.objects.count() == 1


def test_name_and_telephone_can_be_put_right_and_nothing_else(office: Client, make_user: Any) -> None:
    user = make_user(username="li.na", full_name="李那")
    form = {"full_name": "李娜", "phone": "13800000000", "username": "x", "is_superuser": "on", "is_staff": "on"}
    assert office.post(f"{LIST}{user.pk}/edit/", form)["Location"] == f"{LIST}{user.pk}/"
    user.refresh_from_db()
    assert (user.username, user.full_name, user.phone) == ("li.na", "李娜", "13800000000")
    assert not user.is_superuser and not user.is_staff
    assert acts() == [("edited", "sysadmin", "li.na")]


def test_a_one_time_password_for_somebody_else_only(office: Client, system: User, make_user: Any) -> None:
    user = make_user()
    page = office.get(f"{LIST}{user.pk}/password/").content.decode()
    assert "马上作废" in page and user.check_password("") is False
    password = shown(office.post(f"{LIST}{user.pk}/password/").content.decode())
    user.refresh_from_db()
    assert user.check_password(password) and user.must_change_password
    assert office.post(f"{LIST}{system.pk}/password/").status_code == 409
    assert office.post(f"{LIST}{system.pk}/end/", {"reason": "x"}).status_code == 409


def test_ending_asks_for_a_reason_and_cannot_be_taken_back(office: Client, make_user: Any, as_user: Any) -> None:
    user = make_user(username="li.na")
    client = as_user(user)
    assert office.post(f"{LIST}{user.pk}/end/", {"reason": ""}).status_code == 422
    assert office.post(f"{LIST}{user.pk}/end/", {"reason": "借调期满"}).status_code == 302
    assert client.get("/accounts/").status_code == 302
    assert AuditEntry.objects.of(AuditVerb.ACCOUNT).get().detail == {"act": "ended", "reason": "借调期满"}
    page = office.get(f"{LIST}{user.pk}/").content.decode()
    assert "已停用" in page and "发一次性密码" not in page
    for act in ("password", "end", "edit"):
        form = {"reason": "x", "full_name": "x"}
        assert office.post(f"{LIST}{user.pk}/{act}/", form).status_code == 409


def test_a_locked_account_is_shown_and_unlocked(office: Client, make_user: Any) -> None:
    user = make_user(username="Li.Na")
    AccessAttempt.objects.create(username="li.na", failures_since_start=5, attempt_time=timezone.now())
    assert "Li.Na" in office.get(LIST, {"state": "locked"}).content.decode()
    assert "已锁定" in office.get(f"{LIST}{user.pk}/").content.decode()
    assert office.post(f"{LIST}{user.pk}/unlock/").status_code == 302
    assert "Li.Na" not in office.get(LIST, {"state": "locked"}).content.decode()
    assert acts() == [("unlocked", "sysadmin", "Li.Na")]


def test_the_list_narrows_and_sorts(office: Client, make_user: Any) -> None:
    old = timezone.now() - dt.timedelta(days=91)
    make_user(username="idle", last_login=old, date_joined=old)
    make_user(username="ended", is_active=False)
    make_user(username="fresh", last_login=timezone.now(), phone="0712-9")
    User.objects.filter(pk=make_user(username="unchanged").pk).update(must_change_password=True)

    def names(**query: str) -> list[str]:
        rows = office.get(LIST, query).content.decode().partition("<tbody>")[2]
        return re.findall(r'<a href="/people/\d+/">([^<]+)</a>', rows)

    assert names(state="idle") == ["idle"] and names(state="ended") == ["ended"]
    assert names(state="must_change") == ["unchanged"] and names(q="0712") == ["fresh"]
    assert names(post="system") == ["sysadmin"] and "sysadmin" not in names(post="none")
    assert names(state="never") == ["unchanged"]
    assert names(sort="-last", post="none")[:2] == ["fresh", "idle"]
    assert names(sort="last", post="none")[:2] == ["idle", "fresh"]


def test_the_system_administrator_sees_no_business(office: Client) -> None:
    for address in ("/communities/", "/projects/", "/communities/memberships/", "/people/log/"):
        assert office.get(address).status_code == 403
