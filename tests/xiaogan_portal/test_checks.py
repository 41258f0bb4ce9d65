"""Each unsafe setting is refused at start, by a check of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from tests import factories
from xiaogan_portal import checks

SAFE: dict[str, Any] = {
    "EMBEDDED": False,
    "DEBUG": False,
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": ["portal.example"],
    "SESSION_COOKIE_SECURE": True,
    "AXES_FAILURE_LIMIT": 5,
    "AXES_LOCKOUT_PARAMETERS": ["username"],
    "SECOND_FACTOR_REQUIRED": ["administrator"],
    "IDLE_MINUTES": 30,
    "IDLE_MINUTES_ADMINISTRATORS": 15,
    "AUDIT_SIGNING_KEY": "k" * 43,
    "DATABASES": {"default": {"USER": "portal"}, "owner": {"USER": "portal_owner"}},
}
UNSAFE: list[tuple[str, dict[str, Any]]] = [
    ("portal.E001", {"DEBUG": True}),
    ("portal.E002", {"SECRET_KEY": "short"}),
    ("portal.E003", {"ALLOWED_HOSTS": ["*"]}),
    ("portal.E004", {"SESSION_COOKIE_SECURE": False}),
    ("portal.E005", {"AXES_FAILURE_LIMIT": 6}),
    ("portal.E006", {"AXES_LOCKOUT_PARAMETERS": ["username", "ip_address"]}),
    ("portal.E007", {"DATABASES": {"default": {"USER": "one"}, "owner": {"USER": "one"}}}),
    ("portal.E008", {"SECOND_FACTOR_REQUIRED": []}),
    ("portal.E011", {"AUDIT_SIGNING_KEY": ""}),
    ("portal.W001", {"IDLE_MINUTES": 31}),
    ("portal.W001", {"IDLE_MINUTES_ADMINISTRATORS": 16}),
]


def found(**changes: Any) -> list[str | None]:
    with override_settings(**{**SAFE, **changes}):
        return [message.id for message in checks.unsafe_settings(None)]


def test_a_safe_server_passes() -> None:
    assert found() == []


@pytest.mark.parametrize(("id", "changes"), UNSAFE)
def test_an_unsafe_setting_is_named(id: str, changes: dict[str, Any]) -> None:
    assert found(**changes) == [id]


@pytest.mark.parametrize(("days", "named"), [(183, ["portal.E012"]), (184, []), (366, [])])
def test_a_log_that_is_not_kept_for_six_months_is_named(days: int, named: list[str]) -> None:
    with override_settings(AUDIT_KEEP_DAYS=days):
        assert [message.id for message in checks.log_is_kept(None)] == named


@pytest.mark.parametrize("source", ["'unsafe-inline'", "'unsafe-eval'", "https://cdn.example", "*"])
def test_a_loosened_content_policy_is_named(source: str) -> None:
    policy = {"DIRECTIVES": {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "script-src": ["'self'", source]}}
    with override_settings(CONTENT_SECURITY_POLICY=policy):
        assert [message.id for message in checks.content_policy(None)] == ["portal.E009"]


def test_the_policy_in_force_passes() -> None:
    assert checks.content_policy(None) == []


@pytest.mark.django_db
def test_the_portals_own_role_passes_and_the_owners_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connections

    assert checks.portal_role(None, databases=["default"]) == []
    monkeypatch.setattr(checks, "connection", connections["owner"])
    assert {message.id for message in checks.portal_role(None, databases=["default"])} == {"portal.C002", "portal.C003"}


@pytest.mark.django_db
def test_a_superuser_on_a_server_is_named() -> None:
    with override_settings(EMBEDDED=False):
        assert checks.no_superuser(None, databases=["default"]) == []
        factories.make_user(is_superuser=True)
        assert [message.id for message in checks.no_superuser(None, databases=["default"])] == ["portal.C004"]


def test_every_route_in_force_is_scoped_or_listed() -> None:
    assert checks.every_route_is_scoped(None) == []
