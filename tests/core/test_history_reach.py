"""Every kind of record that keeps a history has a page that shows it, and the page does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Administrator, ApiToken, User
from communities.models import Division, Membership, Succession, UnitMember
from communities.roles import Role
from core.components import Moment
from dashboards.models import Display, PublishedFigure
from inspections.models import ItemScore
from services.models import Standard
from tests import factories
from tests.architecture.matrix.rows import ROWS
from tests.architecture.matrix.world import World, build

pytestmark = pytest.mark.django_db
# Who reads the histories that the city office does not.
HOUR = dt.timedelta(hours=1)
READERS = {"accounts:detail": "system", "communities:holder": "security"}


def tracked() -> set[type[models.Model]]:
    """Kinds of records with a history of their own; proxies share that of the model they stand for."""
    return {model for model in apps.get_models() if hasattr(model, "pgh_event_model") and not model._meta.proxy}


def routes(patterns: Iterable[Any] | None = None, space: str = "") -> Iterator[tuple[str, Any]]:
    """Every named route with the class behind it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", getattr(pattern.callback, "view_class", None)


def shown_by() -> dict[str, tuple[type[models.Model], ...]]:
    """What each page of history says that it shows."""
    return {name: tuple(view.shows) for name, view in routes() if getattr(view, "shows", ())}


def test_every_tracked_kind_has_a_page() -> None:
    """A new tracked model fails here until some page shows its history."""
    covered = {model for shown in shown_by().values() for model in shown}
    assert {model.__name__ for model in tracked() - covered} == set()


@pytest.fixture
def world() -> World:
    """With what the matrix has no record of."""
    world = build()
    own = world.records["own"]
    community = own["community"]
    Succession.objects.create(
        predecessor=community, successor=community, kind="renamed", effective_on=dt.date(2013, 5, 1), reason="批复"
    )
    ItemScore.objects.create(inspection=own["inspection"], item=own["inspection"].round.sheet.items.first())
    day = dt.date(2013, 1, 1)
    town = Division.objects.create(code="420921001", name="测试镇", level="township", valid_from=day)
    UnitMember.objects.create(unit=own["unit"], division=town)
    Standard.objects.create(code="P-01", dimension="平台", role="1", item="测试标准", operator="不少于")
    Display.objects.create(reason="测试")
    PublishedFigure.objects.create(
        indicator="planned", type="all", year=2013, number=4, value=89, published_on=day, wording="规划"
    )
    ApiToken.objects.create(
        user=world.people["city_office"], name="测试", prefix="x", digest="x" * 64, expires_at=timezone.now() + HOUR
    )
    return world


def titles(moments: Iterable[Moment]) -> str:
    return "\n".join(title for moment in moments for title in (moment.title, titles(moment.also)))


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def moments_of_page(client: Client, url: str) -> str:
    context = client.get(url).context
    if "history" in context:
        return titles(context["history"].moments)
    return titles(context.get("moments") or context.get("entries") or [])


def evidence(name: str, world: World) -> set[type[models.Model]]:
    """The kinds of records that have an entry on the page of one of the world's records."""
    reader = client_of(world.people[READERS.get(name, str(Role.CITY_OFFICE))])
    kinds, found = shown_by()[name], set[type[models.Model]]()
    for url, own in targets(name, world):
        said = moments_of_page(reader, url)
        found |= {kind for kind in kinds if str(kind._meta.verbose_name) in said}
        found |= {own} if any(line == "新建" for line in said.splitlines()) else set()
    return found


def targets(name: str, world: World) -> Iterator[tuple[str, type[models.Model]]]:
    """Where the page is, for every record that it could be about, with the kind of that record."""
    if name in ("dashboards:reference", "facilities:rules_history"):
        yield from ((f"{reverse(name)}?kind={kind._meta.model_name}", kind) for kind in shown_by()[name])
    elif name in READERS:
        yield from ((reverse(name, args=[person.pk]), User) for person in world.people.values())
    elif ROWS[name].record:
        own = type(world.records["own"][ROWS[name].record])
        yield from ((reverse(name, args=[key]), own) for key in own._default_manager.values_list("pk", flat=True))
    else:
        yield reverse(name), shown_by()[name][0]


def test_every_kind_is_seen_on_a_page(world: World) -> None:
    """Not only claimed: somebody who may read it finds an entry of each kind of record."""
    seen = {name: evidence(name, world) for name in shown_by()}
    assert [name for name, kinds in seen.items() if not kinds] == []
    periods = {"communities:month_history", "communities:quarter_history"}  # one class, a kind each
    unseen = {
        name: {kind.__name__ for kind in set(kinds) - seen[name]}
        for name, kinds in shown_by().items()
        if set(kinds) - seen[name] and name not in periods
    }
    assert unseen == {}
    assert {kind.__name__ for kind in tracked() - set().union(*seen.values())} == set()


def test_memberships_and_accounts_are_read_by_their_administrators_alone(world: World) -> None:
    """The address of an act is for those who watch over rights; the business pages have none."""
    clerk = factories.make_user(Role.COUNTY_ENTRY, unit=world.records["own"]["unit"])
    assert Membership.objects.filter(user=clerk).exists() and Administrator.objects.exists()
    office = client_of(world.people["city_office"])
    for name in READERS:
        assert office.get(reverse(name, args=[clerk.pk])).status_code in (403, 404)
