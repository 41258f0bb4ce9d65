"""One way in: the sign-in page. Nothing else signs anybody in, up, or resets a password."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from accounts.models import User
from tests.accounts.conftest import LOGIN, PASSWORD

USED = {
    "my_account": "/accounts/",
    "account_login": LOGIN,
    "account_logout": "/accounts/logout/",
    "account_change_password": "/accounts/password/change/",
    "account_reauthenticate": "/accounts/reauthenticate/",
    "mfa_index": "/accounts/2fa/",
    "mfa_authenticate": "/accounts/2fa/authenticate/",
    "mfa_reauthenticate": "/accounts/2fa/reauthenticate/",
    "mfa_activate_totp": "/accounts/2fa/totp/activate/",
    "mfa_deactivate_totp": "/accounts/2fa/totp/deactivate/",
    "mfa_view_recovery_codes": "/accounts/2fa/recovery-codes/",
    "mfa_generate_recovery_codes": "/accounts/2fa/recovery-codes/generate/",
    "mfa_download_recovery_codes": "/accounts/2fa/recovery-codes/download/",
}


def test_what_is_used_exists_in_the_portal(settings: Any) -> None:
    settings.ROOT_URLCONF = "xiaogan_portal.urls"
    assert {name: reverse(name) for name in USED} == USED


@pytest.mark.parametrize(
    "path", ["signup/", "password/reset/", "password/set/", "email/", "confirm-email/", "login/code/", "inactive/"]
)
def test_what_is_not_used_does_not_exist(settings: Any, path: str) -> None:
    settings.ROOT_URLCONF = "xiaogan_portal.urls"
    with pytest.raises(Resolver404):
        resolve(f"/accounts/{path}")


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email", "mfa_list_webauthn"])
def test_no_name_leads_there_either(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"])
def test_they_answer_404(db: None, path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"username": "new", "password1": PASSWORD, "password2": PASSWORD}).status_code == 404
    assert not User.objects.exists()


def test_the_sign_in_page(db: None) -> None:
    page = Client().get(LOGIN).content.decode()
    assert "账号由系统管理员开通，不能自行注册。" in page
    assert "0712-" in page
    assert "30 分钟不操作会自动退出" in page
    assert 'data-reveal="id_password"' in page
    assert "<a href" not in page.partition("<main")[2]


def test_sign_in_leads_to_where_one_wanted_to_go(person: User) -> None:
    form = {"login": "zhou.min", "password": PASSWORD}
    assert Client().post(f"{LOGIN}?next=/accounts/", form)["Location"] == "/accounts/"
    assert Client().post(f"{LOGIN}?next=//evil.example/", form)["Location"] == "/"
    assert Client().post(LOGIN, form)["Location"] == "/"


def test_sign_in_needs_the_token(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(LOGIN, {"login": "zhou.min", "password": PASSWORD}).status_code == 403


def test_sign_out_is_a_post(person: User, as_user: Any) -> None:
    client = as_user(person)
    assert "要退出吗" in client.get("/accounts/logout/").content.decode()
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert client.get("/").status_code == 302


def test_a_null_character_is_no_user(db: None) -> None:
    assert Client().post(LOGIN, {"login": "a\0b", "password": "x"}).status_code == 200


def test_my_account(person: User, as_user: Any) -> None:
    page = as_user(person).get("/accounts/").content.decode()
    assert "zhou.min" in page
    assert "/accounts/password/change/" in page
    assert "/accounts/2fa/totp/activate/" in page
    assert Client().get("/accounts/")["Location"] == f"{LOGIN}?next=/accounts/"


def test_my_account_tells_of_the_sign_in_before(person: User) -> None:
    form = {"login": "zhou.min", "password": PASSWORD}
    for address in ("10.9.9.1", "10.9.9.2", "10.9.9.3"):
        client = Client(REMOTE_ADDR=address)
        client.post(LOGIN, form)
    page = client.get("/accounts/").content.decode()
    assert "10.9.9.2" in page
    assert "10.9.9.1" not in page


def test_too_many_requests_get_a_page_in_chinese(db: None, settings: Any) -> None:
    settings.ROOT_URLCONF = "xiaogan_portal.urls"
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [Client().post(LOGIN, {"login": f"n{n}", "password": "x"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 'lang="zh-Hans"' in answers[2].content.decode()


def test_the_administrators_pages_know_no_door_of_their_own(person: User) -> None:
    client = Client()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(LOGIN)
    form = {"username": "zhou.min", "password": PASSWORD}
    assert client.post("/admin/login/?next=/admin/", form)["Location"] == f"{LOGIN}?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


def test_the_administrators_pages_change_no_password(make_user: Any, as_user: Any) -> None:
    client = as_user(make_user(administrator="system", is_staff=True))
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize(
    ("kind", "accounts", "log"), [("system", 200, 403), ("security", 200, 403), ("audit", 403, 200), (None, 403, 403)]
)
def test_each_administrator_reads_their_part(
    make_user: Any, as_user: Any, kind: str | None, accounts: int, log: int
) -> None:
    client = as_user(make_user(administrator=kind, is_staff=True))
    assert client.get("/admin/accounts/user/").status_code == accounts
    assert client.get("/admin/accounts/auditentry/").status_code == log


def test_nobody_writes_there(make_user: Any, as_user: Any) -> None:
    user = make_user(administrator="system", is_staff=True)
    client = as_user(user)
    assert client.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/user/{user.pk}/change/", {"is_active": ""}).status_code == 403
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403


def test_somebody_without_a_post_does_not_get_in_there(person: User, as_user: Any) -> None:
    assert as_user(person).get("/admin/").status_code in (302, 403)
    assert as_user(person).get("/admin/accounts/user/").status_code in (302, 403)
