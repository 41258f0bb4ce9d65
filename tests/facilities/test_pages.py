"""Pages of construction: who sees and does what, and that nothing entered is lost."""

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
from communities.models import ReportingUnit
from communities.roles import Role
from facilities.models import FacilityKind, Project, StageEvent
from facilities.plan_actions import newest_plan
from facilities.workflow import Stage
from tests import factories

Units = dict[str, ReportingUnit]
SignIn = Callable[[User], Client]
MAY = dt.date(2013, 5, 8)


@pytest.fixture
def project(units: Units) -> Project:
    """A project in Xiaochang that has started."""
    community = factories.make_community(units["XC"], name="金桥社区", code="XC-P-003", initials="jqsq")
    return factories.make_project(community, FacilityKind.CLINIC, (Stage.STARTED, MAY), name="卫生室")


@pytest.fixture
def clerk(units: Units) -> User:
    """County entry of Xiaochang."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def page(clerk: User, as_user: SignIn) -> Client:
    """Signed in as that clerk."""
    return as_user(clerk)


@pytest.fixture
def office(units: Units) -> User:
    """Somebody of the city office, which alone enters stages directly."""
    return factories.make_user(Role.CITY_OFFICE)


@pytest.fixture
def city_page(office: User, as_user: SignIn) -> Client:
    """Signed in as that person."""
    return as_user(office)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


@pytest.mark.parametrize("name", ["detail", "history", "edit", "stage"])
def test_a_foreign_project_is_not_found(project: Project, units: Units, as_user: SignIn, name: str) -> None:
    stranger = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    assert stranger.get(reverse(f"facilities:{name}", args=[project.pk])).status_code == 404
    assert "金桥社区" not in text(stranger.get(reverse("facilities:list")))


def test_the_counties_report_stages_and_do_not_enter_them(project: Project, page: Client) -> None:
    detail = page.get(project.get_absolute_url())
    assert "登记这一步" not in text(detail) and "stage_form" not in detail.context
    entry = {"stage": Stage.FOUNDATION, "occurred_on": "2013-06-01", "basis": "", "reason": ""}
    refused = page.post(reverse("facilities:stage", args=[project.pk]), entry)
    assert refused.status_code == 403 and "月报" in text(refused)
    assert project.stages.count() == 1


@pytest.mark.parametrize("role", [Role.COUNTY_REVIEWER, Role.INSPECTOR, Role.WORK_TEAM, Role.DEPUTY, Role.LEADER])
def test_readers_read_and_are_refused_every_entry(project: Project, units: Units, as_user: SignIn, role: Role) -> None:
    place: dict[str, Any] = {"unit": units["XC"]} if role == Role.COUNTY_REVIEWER else {"community": project.community}
    reader = as_user(factories.make_user(role, **place))
    detail = reader.get(project.get_absolute_url())
    assert detail.status_code == 200 and "登记这一步" not in text(detail)
    entry = {"stage": Stage.FOUNDATION, "occurred_on": "2013-06-01", "basis": "", "reason": ""}
    assert reader.post(reverse("facilities:stage", args=[project.pk]), entry).status_code == 403
    assert reader.get(reverse("facilities:edit", args=[project.pk])).status_code == 403
    assert reader.get(reverse("facilities:create")).status_code == 403
    assert project.stages.count() == 1


def test_the_form_opens_with_the_next_stage_and_takes_it(project: Project, city_page: Client, office: User) -> None:
    form = city_page.get(project.get_absolute_url()).context["stage_form"]
    assert form["stage"].value() == Stage.FOUNDATION
    entry = {"stage": Stage.FOUNDATION, "occurred_on": "2013-06-01", "basis": "监理报告", "reason": ""}
    answer = city_page.post(reverse("facilities:stage", args=[project.pk]), entry, follow=True)
    assert answer.redirect_chain[-1][0] == project.get_absolute_url()
    event = StageEvent.objects.latest("pk")
    assert (event.stage, event.stage_before, event.recorded_by) == (Stage.FOUNDATION, Stage.STARTED, office)
    assert str(office) in text(city_page.get(reverse("facilities:history", args=[project.pk])))


def test_a_refused_stage_keeps_what_was_entered(project: Project, city_page: Client) -> None:
    entry = {"stage": Stage.SITED, "occurred_on": "2013-06-01", "basis": "会议纪要", "reason": ""}
    answer = city_page.post(reverse("facilities:stage", args=[project.pk]), entry)
    assert answer.status_code == 400 and "没有前进" in text(answer) and "会议纪要" in text(answer)
    assert project.stages.count() == 1


def test_a_project_is_registered_by_the_communitys_code_or_name(project: Project, page: Client) -> None:
    entry = {"community": "XC-P-003", "kind": FacilityKind.ELDERLY_CARE, "name": "养老服务站"}
    for community in ("XC-P-003", "金桥社区"):
        answer = page.post(
            reverse("facilities:create"), entry | {"community": community, "name": community}, follow=True
        )
        assert answer.status_code == 200
    assert Project.objects.count() == 3


def test_the_traits_of_a_new_project_are_left_to_what_it_is_or_said(project: Project, page: Client) -> None:
    form = page.get(reverse("facilities:create")).context["form"]
    assert [str(form[name].value() or "") for name in ("position", "is_platform")] == ["", ""]
    assert {"按类别", "按设施"} <= {str(form.fields[name].choices[0][1]) for name in ("position", "is_platform")}
    entry = {"community": "XC-P-003", "kind": FacilityKind.SERVICE_CENTRE}
    for name, said in (("中心", {}), ("中心二", {"is_platform": "no"}), ("卫生室二", {"is_platform": "yes"})):
        other = {"kind": FacilityKind.CLINIC} if name != "中心" else {}
        assert page.post(reverse("facilities:create"), {**entry, **other, "name": name, **said}).status_code == 302
    found = dict(Project.objects.exclude(pk=project.pk).values_list("name", "is_platform"))
    assert found == {"中心": True, "中心二": False, "卫生室二": True}


def test_a_double_click_on_register_makes_one_and_says_so(project: Project, page: Client) -> None:
    entry = {"community": "XC-P-003", "kind": FacilityKind.ELDERLY_CARE, "name": "养老服务站"}
    answers = [page.post(reverse("facilities:create"), entry) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "同名项目" in text(answers[1]) and Project.objects.count() == 2


def test_another_units_community_cannot_be_chosen(project: Project, units: Units, page: Client) -> None:
    factories.make_community(units["DW"], code="DW-P-001", name="外县社区")
    form = page.get(reverse("facilities:create"))
    assert "DW-P-001" not in text(form) and "XC-P-003" in text(form)
    entry = {"community": "DW-P-001", "kind": FacilityKind.CLINIC, "name": "卫生室"}
    answer = page.post(reverse("facilities:create"), entry)
    assert answer.status_code == 422 and "没有找到“DW-P-001”" in text(answer)


def test_an_edit_on_an_old_version_shows_both_and_then_saves(project: Project, page: Client) -> None:
    address = reverse("facilities:edit", args=[project.pk])
    entry = {"kind": FacilityKind.CLINIC, "name": "卫生室甲", "version": 1}
    assert page.post(address, entry).status_code == 302
    answer = page.post(address, entry | {"name": "卫生室乙"})
    assert answer.status_code == 409 and "卫生室甲" in text(answer) and "卫生室乙" in text(answer)
    assert answer.context["form"]["version"].value() == "2"
    assert page.post(address, entry | {"name": "卫生室乙", "version": 2}).status_code == 302
    assert Project.objects.get(pk=project.pk).name == "卫生室乙"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("q=jqsq", 1),
        ("q=XC-P", 1),
        ("stage=5", 1),
        ("unit=XC", 2),
        ("unit=DW", 0),
        ("kind=clinic", 1),
        ("type=rural", 1),
        ("population=existing", 0),
        ("sort=-stage", 2),
        ("sort=day", 2),
        ("sort=nonsense&page=99&size=7", 2),
        ("stage=99", 0),
    ],
)
def test_the_list_is_filtered_sorted_and_paged(
    project: Project, units: Units, page: Client, query: str, found: int
) -> None:
    factories.make_project(factories.make_community(units["XC"], type="rural"))
    answer = page.get(reverse("facilities:list") + "?" + query)
    assert answer.status_code == 200 and answer.context["page_obj"].paginator.count == found


def test_the_hundred_major_projects_are_listed_by_themselves(project: Project, page: Client) -> None:
    major = factories.make_project(project.community, FacilityKind.OTHER, name="文化广场", major_number=7)
    answer = page.get(reverse("facilities:list"), {"major": "yes"})
    assert [row.pk for row in answer.context["page_obj"]] == [major.pk]
    assert "重大项目第 7 号" in answer.content.decode()
    assert len(page.get(reverse("facilities:list")).context["page_obj"]) == 2


def test_the_list_asks_as_often_for_one_row_as_for_twenty(units: Units, as_user: SignIn) -> None:
    office = factories.make_user(Role.CITY_OFFICE)
    counts = []
    for rows in (1, 19):
        for _ in range(rows):
            factories.make_project(factories.make_community(units["XC"]), FacilityKind.CLINIC, (Stage.STARTED, MAY))
        with CaptureQueriesContext(connection) as queries:
            as_user(office).get(reverse("facilities:list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("day", ["0001-01-01", "9998-12-31", "9999-12-31"])
def test_a_plan_outside_of_all_reason_is_refused_beside_its_field(project: Project, page: Client, day: str) -> None:
    entry = {"community": "XC-P-003", "kind": FacilityKind.CLINIC, "name": "卫生室二"}
    pages = [(reverse("facilities:create"), entry, ("planned_start", "planned_finish"))]
    seen = {"version": str(newest_plan(project))}
    pages.append((reverse("facilities:plan", args=[project.pk]), seen, ("stage_5", "stage_10")))
    for address, known, fields in pages:
        for field in fields:
            answer = page.post(address, known | {field: day})
            assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
            assert "1990-01-01 到 2100-12-31 之间" in text(answer) and day in text(answer)
    assert page.post(pages[1][0], seen | {"stage_10": "2100-12-31"}).status_code == 302
    shown = page.get(project.get_absolute_url())
    assert shown.status_code == 200 and len(shown.content) < 100_000


@pytest.mark.django_db(transaction=True)
def test_a_stage_changed_or_removed_behind_the_portals_back_leaves_its_trace(
    project: Project, city_page: Client
) -> None:
    entry = {"stage": Stage.FOUNDATION, "occurred_on": "2013-06-01", "basis": "监理报告", "reason": ""}
    city_page.post(reverse("facilities:stage", args=[project.pk]), entry, REMOTE_ADDR="192.0.2.7")
    history = reverse("facilities:history", args=[project.pk])
    rows = StageEvent.objects.using("owner").filter(project=project.pk, stage=Stage.FOUNDATION)
    rows.update(occurred_on=MAY.replace(day=9))
    rows.delete()
    answer = city_page.get(history)
    gone, changed, entered, first = answer.context["history"].moments[:4]
    assert gone.title == "删除阶段“动工 → 基础”" and gone.who == "后台作业"
    assert [(each.label, each.before, each.after) for each in changed.changes] == [("日期", "2013-06-01", "2013-05-09")]
    assert changed.title.startswith("修改阶段") and changed.when < gone.when
    assert entered.title == "登记阶段“动工 → 基础”" and "监理报告" in [each.after for each in entered.changes]
    assert "登记阶段“— → 动工”" in [first.title, *(part.title for part in first.also)]
    assert "192.0.2.7" not in text(answer)
