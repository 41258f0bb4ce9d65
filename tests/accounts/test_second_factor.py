"""The second factor: the second step, who must have it, and how it comes and goes."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from accounts import actions, second_factor
from accounts.models import AuditEntry, AuditVerb, User
from communities.roles import Role
from core.errors import NotAllowed
from tests.accounts.conftest import LOGIN, PASSWORD, code_now, wrong_code

STEP, ACTIVATE, CODES = "/accounts/2fa/authenticate/", "/accounts/2fa/totp/activate/", "/accounts/2fa/recovery-codes/"


def signed_in(person: User) -> Client:
    """Signed in by the password page, as a person does."""
    client = Client()
    client.post(LOGIN, {"login": person.username, "password": PASSWORD})
    return client


def activate(client: Client) -> Any:
    """Read the secret from the page, as an app does from the picture, and answer with its code."""
    page = client.get(ACTIVATE).content.decode()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    code = format_hotp_value(hotp_value(found[1].replace(" ", ""), int(time.time()) // 30))
    return client.post(ACTIVATE, {"code": code})


def test_the_password_alone_does_not_open(with_second_factor: User) -> None:
    client = signed_in(with_second_factor)
    assert client.get("/")["Location"].startswith(LOGIN)
    page = client.get(STEP).content.decode()
    assert "动态验证码" in page
    assert "换个账号登录" in page
    assert client.post(STEP, {"code": code_now()}).status_code == 302
    assert client.get("/").status_code == 200


def test_a_wrong_code_says_how_many_guesses_remain(with_second_factor: User) -> None:
    answer = signed_in(with_second_factor).post(STEP, {"code": wrong_code()})
    assert "验证码不对" in answer.content.decode()
    assert "再错 4 次将锁定 30 分钟。" in answer.content.decode()


def test_a_code_opens_once(with_second_factor: User) -> None:
    code = code_now()
    assert signed_in(with_second_factor).post(STEP, {"code": code}).status_code == 302
    assert signed_in(with_second_factor).post(STEP, {"code": code}).status_code == 200


def test_a_recovery_code_opens_once(with_second_factor: User) -> None:
    code = RecoveryCodes.activate(with_second_factor).generate_codes()[0]
    assert signed_in(with_second_factor).post(STEP, {"code": code}).status_code == 302
    assert signed_in(with_second_factor).post(STEP, {"code": code}).status_code == 200


def test_another_account_may_be_chosen_at_the_second_step(with_second_factor: User) -> None:
    client = signed_in(with_second_factor)
    client.post("/accounts/logout/")
    assert client.get(STEP)["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200


def test_activation_shows_a_picture_and_then_the_recovery_codes(person: User) -> None:
    client = signed_in(person)
    assert 'src="data:image/svg+xml;base64,' in client.get(ACTIVATE).content.decode()
    assert activate(client)["Location"] == CODES
    page = client.get(CODES).content.decode()
    codes = RecoveryCodes(Authenticator.objects.get(user=person, type="recovery_codes")).generate_codes()
    assert len(codes) == 10
    assert all(code in page for code in codes)
    assert codes[0] in client.get(f"{CODES}download/").content.decode()


def test_activation_is_audited(person: User, django_capture_on_commit_callbacks: Any) -> None:
    client = signed_in(person)
    with django_capture_on_commit_callbacks(execute=True):
        activate(client)
    entries = AuditEntry.objects.of(AuditVerb.SECOND_FACTOR)
    assert {(e.actor, e.detail["act"], e.detail["type"]) for e in entries} == {
        (person, "added", "totp"),
        (person, "added", "recovery_codes"),
    }


def test_a_wrong_first_code_activates_nothing(person: User) -> None:
    client = signed_in(person)
    client.get(ACTIVATE)
    assert "验证码不对" in client.post(ACTIVATE, {"code": "12"}).content.decode()
    assert not Authenticator.objects.exists()


def test_an_old_session_is_asked_once_more(person: User, as_user: Any) -> None:
    # A session without a recent proof: its owner may have left the desk.
    client = as_user(person)
    assert client.get(ACTIVATE)["Location"] == f"/accounts/reauthenticate/?next={ACTIVATE.replace('/', '%2F')}"
    answer = client.post(f"/accounts/reauthenticate/?next={ACTIVATE}", {"password": PASSWORD})
    assert answer["Location"] == ACTIVATE
    assert client.get(ACTIVATE).status_code == 200


def test_it_can_be_switched_off_where_no_role_demands_it(with_second_factor: User) -> None:
    client = signed_in(with_second_factor)
    client.post(STEP, {"code": code_now()})
    assert "要关闭动态验证码吗" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.of(AuditVerb.SECOND_FACTOR).get().detail == {"act": "removed", "type": "totp"}


def test_it_cannot_be_switched_off_where_the_role_demands_it(with_second_factor: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = ["leader"]
    from tests.factories import grant

    grant(with_second_factor, Role.LEADER)
    client = signed_in(with_second_factor)
    client.post(STEP, {"code": code_now()})
    assert "不能关闭" in client.post("/accounts/2fa/totp/deactivate/").content.decode()
    assert Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("named", "role", "administrator", "demanded"),
    [
        ([], "leader", None, False),
        ([], None, "system", False),
        (["leader"], "leader", None, True),
        (["leader"], "city_office", None, False),
        (["administrator"], None, "audit", True),
        (["administrator"], "leader", None, False),
        (["administrator", "city_office"], "city_office", None, True),
    ],
)
def test_who_must_have_one(
    make_user: Any, settings: Any, named: list[str], role: str | None, administrator: str | None, demanded: bool
) -> None:
    settings.SECOND_FACTOR_REQUIRED = named
    user = make_user(role, administrator=administrator)
    assert second_factor.required(user) is demanded
    settings.ACCOUNT_ROLES_OF = ""
    assert second_factor.required(user) is (demanded and administrator is not None)


def test_who_must_have_one_gets_nowhere_without(person: User, settings: Any) -> None:
    from tests.factories import grant

    settings.SECOND_FACTOR_REQUIRED = ["leader"]
    grant(person, Role.LEADER)
    client = signed_in(person)
    assert client.get("/")["Location"] == ACTIVATE
    assert client.get("/accounts/")["Location"] == ACTIVATE
    assert "你的岗位登录时要用动态验证码" in client.get(ACTIVATE).content.decode()
    assert activate(client)["Location"] == CODES
    assert client.get(CODES).status_code == 200
    assert client.get("/").status_code == 200


def test_the_security_administrator_resets_a_lost_one(with_second_factor: User, make_user: Any) -> None:
    with pytest.raises(NotAllowed):
        actions.reset_second_factor(with_second_factor, actor=make_user(administrator="system"), reason="换手机")
    actions.reset_second_factor(with_second_factor, actor=make_user(administrator="security"), reason="换手机")
    assert not Authenticator.objects.exists()


def test_the_pages_of_the_second_factor_open(with_second_factor: User) -> None:
    client = signed_in(with_second_factor)
    client.post(STEP, {"code": code_now()})
    assert "手机验证器" in client.get("/accounts/2fa/").content.decode()
    assert "要换一批备用码吗" in client.get(f"{CODES}generate/").content.decode()
    assert client.post(f"{CODES}generate/")["Location"] == CODES
    assert "用密码确认" in client.get("/accounts/2fa/reauthenticate/").content.decode()
    assert "用动态验证码确认" in client.get("/accounts/reauthenticate/").content.decode()
