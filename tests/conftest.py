"""What every test has: the portal's own database role, fast hashing, makers of records, signed-in clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from accounts.models import User
from communities.models import ReportingQuarter, ReportingUnit
from tests import factories

DEEP = os.environ.get("PORTAL_DEEP") == "1"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

_COMMON: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
}
hypothesis.settings.register_profile("quick", derandomize=True, max_examples=20, database=None, **_COMMON)
hypothesis.settings.register_profile("deep", max_examples=300, **_COMMON)
hypothesis.settings.load_profile("deep" if DEEP else "quick")


def pytest_configure(config: pytest.Config) -> None:
    """Quick hashing, and static files without a manifest: neither is what the tests are about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that touches the database gets both aliases.

    Without `owner` the test database would not be made at all, since the portal's alias only mirrors it,
    and a transactional test would leave its rows behind, silently.
    """
    for item in items:
        mark = item.get_closest_marker("django_db")
        fixtures = set(getattr(item, "fixturenames", ()))
        if mark or fixtures & {"db", "transactional_db", "live_server"}:
            kwargs = {**(mark.kwargs if mark else {}), "databases": ["default", "owner"]}
            item.add_marker(pytest.mark.django_db(**kwargs), append=False)


@pytest.fixture
def units(db: None) -> dict[str, ReportingUnit]:
    """The ten reporting units by code."""
    return factories.make_units()


@pytest.fixture
def quarters(db: None) -> dict[str, ReportingQuarter]:
    """The four quarters of 2013, open, by name."""
    return {f"2013Q{number}": factories.make_quarter(2013, number) for number in (1, 2, 3, 4)}


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """`make_user(role, unit=…, community=…, administrator=…)`."""
    return factories.make_user


@pytest.fixture
def make_community(db: None) -> Callable[..., Any]:
    """`make_community(unit, type=…, population=…)`."""
    return factories.make_community


@pytest.fixture
def make_project(db: None) -> Callable[..., Any]:
    """`make_project(community, kind, (stage, day), …)`."""
    return factories.make_project


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A client signed in as the given person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Closes the portal's connection at the end, or the owner could not drop the test database."""
    yield
    with django_db_blocker.unblock():
        connections["default"].close()
