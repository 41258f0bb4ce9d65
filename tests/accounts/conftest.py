"""A person with a known password, and ways to try one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests import factories

PASSWORD = "Tall-7-trees"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _own_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.accounts.urls"
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    # The frame links to apps that these addresses leave out.
    settings.TEMPLATES[0]["OPTIONS"]["context_processors"].remove("xiaogan_portal.navigation.page_frame")


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """A transactional test leaves the cache's rows behind: allauth's limits would go on counting."""
    if {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
        cache.clear()


@pytest.fixture
def person(db: None) -> User:
    """Somebody who may sign in with PASSWORD."""
    user = factories.make_user(username="zhou.min")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def try_password() -> Callable[..., HttpResponse]:
    """`try_password(password, username=…, address=…, client=…)`: one attempt at the sign-in page."""

    def attempt(
        password: str, username: str = "zhou.min", address: str = "10.0.0.1", client: Client | None = None
    ) -> Any:
        form = {"login": username, "password": password}
        return (client or Client()).post(LOGIN, form, REMOTE_ADDR=address)

    return attempt


@pytest.fixture
def with_second_factor(person: User) -> User:
    """The person, with an authenticator app."""
    TOTP.activate(person, SECRET)
    return person


def code_now(step: int = 0) -> str:
    """What the authenticator app shows; another `step` is another code."""
    counter = next(iter(yield_hotp_counters_from_time())) + step
    return str(format_hotp_value(hotp_value(SECRET, counter)))


def wrong_code() -> str:
    """A code that the app does not show now."""
    return "000000" if code_now() != "000000" else "111111"
