"""Alive is not ready; and a database that is away is a 503 in plain words, never a 500."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from communities.models import ReportingUnit
from core.incidents import server_error


@pytest.mark.django_db
def test_live_and_ready() -> None:
    assert Client().get("/health/live").json() == {"status": "live"}
    assert Client().get("/health/ready").json() == {"status": "ready", "database": "ok"}


@pytest.mark.django_db
def test_not_ready_before_the_last_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiaogan_portal.health.MigrationExecutor.migration_plan", lambda self, targets: ["one"])
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "not migrated")


@pytest.mark.django_db
def test_database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "cursor", away)
    client = Client(raise_request_exception=False)
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
    client.cookies["portal_session"] = "k" * 32
    page = client.get("/communities/")
    assert page.status_code == 503
    assert page["Retry-After"] == "10"
    assert "编号" in page.content.decode()


def test_any_other_error_is_a_500_with_a_number() -> None:
    request = RequestFactory().get("/")
    request.incident = "7F3A01"  # type: ignore[attr-defined]
    page = server_error(request)
    assert page.status_code == 500
    assert "7F3A01" in page.content.decode()


@pytest.mark.django_db
def test_pages_are_never_stored_and_carry_the_policy(units: dict[str, ReportingUnit]) -> None:
    page = Client().get("/accounts/login/")
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Content-Type-Options"] == "nosniff"
