"""The navigation: what each role finds there, and where it says that the person is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.models import ReportingUnit

pytestmark = pytest.mark.django_db


def current(text: str) -> list[str]:
    """Addresses of the entries that are marked as the present page, in the navigation at the side."""
    side = text[text.index('id="site-nav"') :]
    side = side[: side.index("</nav>")]
    links = re.findall(r"<a [^>]*>", side)
    return [re.search(r'href="([^"]+)"', link).group(1) for link in links if "aria-current" in link]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["communities:list", "communities:periods", "coordination:pairings"])
def test_one_entry_is_the_present_one(
    name: str, make_user: Callable[..., User], as_user: Callable[[User], Client]
) -> None:
    """Also where one entry's address begins with another's."""
    text = as_user(make_user("city_office")).get(reverse(name)).content.decode()
    assert current(text) == [reverse(name)]


def test_each_role_finds_its_own(
    units: dict[str, ReportingUnit], make_user: Callable[..., User], as_user: Callable[[User], Client]
) -> None:
    """A county has its registers; an administrator no business at all."""
    county = as_user(make_user("county_entry", unit=units["XC"])).get(reverse("communities:list")).content.decode()
    assert reverse("facilities:list") in county and reverse("jobs:list") not in county
    system = as_user(make_user(administrator="system")).get(reverse("jobs:list")).content.decode()
    assert reverse("facilities:list") not in system and current(system) == [reverse("jobs:list")]
