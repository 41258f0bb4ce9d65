"""Pages of centres and organisations: who sees and does what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from communities.models import Community, ReportingUnit
from communities.roles import Role
from facilities.workflow import Stage
from services import actions
from services import organisation_actions as organisations
from services.models import Organisation, ServiceCentre
from tests import factories

Units = dict[str, ReportingUnit]
SignIn = Callable[[User], Client]
MAY = dt.date(2013, 5, 8)


@pytest.fixture
def community(units: Units) -> Community:
    """A community in Xiaochang."""
    return factories.make_community(units["XC"], name="金桥社区", code="XC-E-003")


@pytest.fixture
def office(db: None) -> User:
    """The city office."""
    return factories.make_user(Role.CITY_OFFICE)


@pytest.fixture
def clerk(units: Units) -> User:
    """County entry of Xiaochang."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def centre(community: Community, office: User) -> ServiceCentre:
    """A centre with a project at main works."""
    project = factories.make_project(community, "service_centre", (Stage.MAIN_WORKS, MAY))
    return actions.create_centre(community=community, name="金桥中心", project=project, actor=office)


@pytest.fixture
def organisation(community: Community, office: User) -> Organisation:
    """A party organisation in the community."""
    return organisations.create_organisation(
        kind="party", counting_rule="party", name="金桥支部", valid_from=MAY, community=community, actor=office
    )


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


@pytest.mark.parametrize("name", ["centre", "centre_history", "centre_edit", "accept", "withdraw"])
def test_a_foreign_centre_is_not_found(centre: ServiceCentre, units: Units, as_user: SignIn, name: str) -> None:
    stranger = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    assert stranger.get(reverse(f"services:{name}", args=[centre.pk])).status_code == 404
    assert "金桥" not in text(stranger.get(reverse("services:centres")))


@pytest.mark.parametrize("suffix", ["", "_history", "_edit", "_end"])
def test_a_foreign_organisation_is_not_found(
    organisation: Organisation, units: Units, as_user: SignIn, suffix: str
) -> None:
    stranger = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    assert stranger.get(reverse(f"services:organisation{suffix}", args=[organisation.pk])).status_code == 404
    assert "金桥" not in text(stranger.get(reverse("services:organisations")))


@pytest.mark.parametrize("role", [Role.COUNTY_REVIEWER, Role.INSPECTOR, Role.LEADER])
def test_readers_read_and_write_nothing(
    centre: ServiceCentre, organisation: Organisation, units: Units, as_user: SignIn, role: Role
) -> None:
    place: dict[str, Any] = {"unit": units["XC"]} if role == Role.COUNTY_REVIEWER else {"community": centre.community}
    reader = as_user(factories.make_user(role, **place))
    for address in (centre.get_absolute_url(), organisation.get_absolute_url()):
        assert reader.get(address).status_code == 200
    for name, key in [("centre_edit", centre.pk), ("accept", centre.pk), ("organisation_end", organisation.pk)]:
        assert reader.post(reverse(f"services:{name}", args=[key]), {}).status_code == 403
    for name in ("centre_create", "organisation_create"):
        assert reader.get(reverse(f"services:{name}")).status_code == 403


def test_the_county_edits_a_centre_and_does_not_accept_it(centre: ServiceCentre, clerk: User, as_user: SignIn) -> None:
    page = as_user(clerk)
    entry = {"name": "金桥综合服务中心", "area": "320.50", "project": centre.project_id, "version": 1}
    assert page.post(reverse("services:centre_edit", args=[centre.pk]), entry).status_code == 302
    assert "登记规范化验收" not in text(page.get(centre.get_absolute_url()))
    assert page.get(reverse("services:accept", args=[centre.pk])).status_code == 403
    assert page.post(reverse("services:accept", args=[centre.pk]), {"on": "2013-05-08"}).status_code == 403


def test_the_office_accepts_once_withdraws_with_a_reason_and_it_is_in_history(
    centre: ServiceCentre, office: User, as_user: SignIn
) -> None:
    page = as_user(office)
    accept, withdraw = (reverse(f"services:{name}", args=[centre.pk]) for name in ("accept", "withdraw"))
    answers = [page.post(accept, {"on": "2013-05-08", "basis": "验收单"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 400]
    assert "已经算规范化" in text(answers[1]) and centre.standardisations.count() == 1
    assert page.post(withdraw, {"on": "2013-09-01", "reason": ""}).status_code == 422
    assert page.post(withdraw, {"on": "2013-09-01", "reason": "复查不合格"}).status_code == 302
    assert page.post(withdraw, {"on": "2013-09-01", "reason": "复查不合格"}).status_code == 409
    history = text(page.get(reverse("services:centre_history", args=[centre.pk])))
    assert str(office) in history and "复查不合格" in history


def test_a_new_centre_finds_its_communitys_project(community: Community, clerk: User, as_user: SignIn) -> None:
    project = factories.make_project(community)
    entry = {"community": "XC-E-003", "name": "金桥中心", "area": ""}
    page = as_user(clerk)
    answers = [page.post(reverse("services:centre_create"), entry) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert ServiceCentre.objects.get().project == project


def test_a_village_of_the_only_unit_needs_no_unit(community: Community, clerk: User, as_user: SignIn) -> None:
    page = as_user(clerk)
    entry = {
        "kind": "autonomous",
        "counting_rule": "group",
        "name": "第一小组",
        "valid_from": "2013-05-08",
        "village_name": "示例村",
        "version": 1,
    }
    answers = [page.post(reverse("services:organisation_create"), entry) for _ in range(2)]
    assert answers[0].status_code == 302 and answers[1].status_code in (400, 422)
    assert "同名的同类组织" in text(answers[1])
    assert Organisation.objects.get().unit.code == "XC"  # type: ignore[union-attr]
    wrong = page.post(reverse("services:organisation_create"), entry | {"kind": "party", "name": "支部"})
    assert wrong.status_code in (400, 422) and "计数" in text(wrong)


def test_an_organisation_is_changed_ended_and_its_history_says_by_whom(
    organisation: Organisation, clerk: User, as_user: SignIn
) -> None:
    page = as_user(clerk)
    edit = reverse("services:organisation_edit", args=[organisation.pk])
    form = page.get(edit).context["form"]
    assert form["community"].value() == "XC-E-003 金桥社区"
    entry = {name: form[name].value() or "" for name in form.fields} | {"name": "金桥总支", "valid_from": "2013-05-08"}
    assert page.post(edit, entry).status_code == 302
    assert page.post(edit, entry | {"name": "别的"}).status_code == 409
    end = reverse("services:organisation_end", args=[organisation.pk])
    assert page.post(end, {"on": "2013-09-01", "version": 2}).status_code == 302
    assert page.post(end, {"on": "2013-09-01", "version": 3}).status_code == 409
    history = text(page.get(reverse("services:organisation_history", args=[organisation.pk])))
    assert str(clerk) in history and "金桥总支" in history


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("standardised=yes", 1),
        ("standardised=no", 1),
        ("unit=XC&q=金桥", 1),
        ("unit=DW", 1),
        ("sort=-stage", 2),
        ("sort=day", 2),
        ("standardised=x", 0),
    ],
)
def test_centres_are_filtered(
    centre: ServiceCentre, units: Units, office: User, as_user: SignIn, query: str, found: int
) -> None:
    elsewhere = factories.make_community(units["DW"])
    other = actions.create_centre(community=elsewhere, name="大悟中心", actor=office)
    actions.accept_standardisation(other, on=MAY, actor=office)
    answer = as_user(office).get(reverse("services:centres") + "?" + query)
    assert answer.status_code == 200 and answer.context["page_obj"].paginator.count == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("kind=party", 1),
        ("unit=DW", 1),
        ("q=示例村", 1),
        ("state=ended", 0),
        ("type=city", 1),
        ("sort=-unit", 2),
    ],
)
def test_organisations_are_filtered(
    organisation: Organisation, units: Units, office: User, as_user: SignIn, query: str, found: int
) -> None:
    organisations.create_organisation(
        kind="social",
        counting_rule="filed",
        name="文体队",
        valid_from=MAY,
        unit=units["DW"],
        village_name="示例村",
        actor=office,
    )
    answer = as_user(office).get(reverse("services:organisations") + "?" + query)
    assert answer.status_code == 200 and answer.context["page_obj"].paginator.count == found


@pytest.mark.parametrize("name", ["centres", "organisations"])
def test_lists_ask_as_often_for_one_row_as_for_twenty(units: Units, office: User, as_user: SignIn, name: str) -> None:
    counts = []
    for rows in (1, 19):
        for _ in range(rows):
            community = factories.make_community(units["XC"])
            made = actions.create_centre(community=community, name=f"{community}中心", actor=office)
            actions.accept_standardisation(made, on=MAY, actor=office)
            organisations.create_organisation(
                kind="party",
                counting_rule="party",
                name="支部",
                valid_from=MAY,
                community=community,
                actor=office,
            )
        with CaptureQueriesContext(connection) as queries:
            as_user(office).get(reverse(f"services:{name}"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_stage_of_a_centre_is_that_of_its_project_wherever_it_is_told(
    centre: ServiceCentre, office: User, as_user: SignIn
) -> None:
    """On its page, in the list and through the API; it follows when the project moves on."""
    page = as_user(office)

    def told() -> tuple[Any, ...]:
        detail, listed = page.get(centre.get_absolute_url()), page.get(reverse("services:centres"))
        word = detail.context["object"].stage_label
        assert f"<dt>建设阶段</dt><dd>{word or '—'}</dd>" in detail.content.decode()
        assert f'data-label="建设">{word or "—"}</td>' in listed.content.decode()
        [row] = page.get("/api/v1/centres/").json()["results"]
        return word, row["stage"], page.get(f"/api/v1/centres/{centre.pk}/").json()["stage"]

    assert told() == ("主体施工", 7, 7)
    assert centre.project is not None
    centre.project.stages.create(stage=Stage.TOPPED_OUT, occurred_on=MAY + dt.timedelta(days=90))
    assert told() == ("主体封顶", 8, 8)
    centre.project.stages.create(stage=Stage.FOUNDATION, occurred_on=MAY + dt.timedelta(days=99), reason="返工")
    assert told() == ("基础", 6, 6)
    ServiceCentre.objects.filter(pk=centre.pk).update(project=None)
    assert told() == ("", None, None)
