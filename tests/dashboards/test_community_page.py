"""The one page of a community: what it says to whom, what is missing first, and what it leaves unsaid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from communities.models import Community, Placement, Succession
from communities.roles import Role
from coordination.models import Pairing
from facilities import report_actions
from facilities.models import ProgressReport, Project
from facilities.workflow import Stage
from services.models import Organisation, Standardisation
from tests import factories
from tests.dashboards import community_scene
from tests.dashboards.community_scene import City
from tests.dashboards.scene import JUNE, LAST_DAY, MARCH, reach

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
AT_HOME = {
    "community": [Role.INSPECTOR, Role.WORK_TEAM, Role.DEPUTY],
    "unit": [Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER],
}


@pytest.fixture
def city(units: dict[str, Any]) -> City:
    return community_scene.build(units)


@pytest.fixture
def office(city: City, as_user: SignIn) -> Client:
    return as_user(factories.make_user(Role.CITY_OFFICE))


def shown(client: Client, community: Community, name: str = "community") -> Any:
    response = client.get(reverse(f"dashboards:{name}", args=[community.pk]))
    assert response.status_code == 200
    return response


def page_of(client: Client, community: Community) -> Any:
    return shown(client, community).context["page"]


def text_of(client: Client, community: Community, name: str = "community") -> str:
    return str(shown(client, community, name).content.decode())


def test_every_panel_speaks_from_its_register(city: City, office: Client) -> None:
    """Profile, team, place, projects, centre, organisations, scores, with their words."""
    text = text_of(office, city.community)
    for word in ("城镇", "规划新社区", "1,286", "XC住建局工作队", "归孝昌填报", "还建房一期", "主体施工", "未到期"):
        assert word in text
    for word in ("金桥社区服务中心", "还没有验收", "党组织 <b>1</b>", "还有 2 个", "2013 年第四季度", "83.0", "+3.0"):
        assert word in text
    assert "登记册里没有" in text, "no autonomous organisation is registered, which is not 0"
    scores = page_of(office, city.community).scores
    assert scores.worst == ("第1部分", Decimal("10.00")) and [row.change for row in scores.rows] == [
        Decimal("3.0"),
        None,
    ]


def test_what_is_missing_stands_first(city: City, office: Client) -> None:
    """The overdue project before the missing acceptance; each with owner and source."""
    page = page_of(office, city.community)
    steps = {step.title: (step.gap, step.owner, step.source) for step in page.steps}
    assert [step.title for step in page.first_steps] == ["还建房一期", "2013-12 月报", "服务中心规范化"]
    assert steps["2013-12 月报"][0] == "3 个项目还没报"
    assert steps["还建房一期"] == (
        "计划 2013-11-27 建成，还没建成，晚了 34 天。",
        "孝昌专班",
        "项目登记：计划建成 2013-11-27",
    )
    assert steps["服务中心规范化"] == ("还没有验收", "市新社区办", "规范化验收登记")
    assert "中心工程" not in steps, "it was built in time"
    assert {item.label for item in page.unknowns} == {"人口", "区位", "行政区划", "幼儿园", "服务中心面积"}


def test_reports_that_are_late_say_for_how_long(city: City, office: Client) -> None:
    """Judged by the month's due date; what was handed in is no longer missing."""
    type(city.month).objects.update(due_on=dt.date(2013, 12, 27), due_reason="测试")
    late = page_of(office, city.community).steps
    assert ("2013-12 月报", "3 个项目没报，逾期 4 天", "bad") in [(step.title, step.gap, step.tone) for step in late]
    factories.make_report(city.housing, city.month, "submitted")
    assert "2 个项目没报，逾期 4 天" in [step.gap for step in page_of(office, city.community).steps]


def test_steps_go_as_the_work_is_done(city: City, office: Client) -> None:
    """Built, accepted, reported: nothing is left to do, and the page says so."""
    reach(city.housing, Stage.BASICALLY_BUILT, LAST_DAY)
    Standardisation.objects.create(centre=city.centre, valid_from=LAST_DAY)
    Project.objects.filter(kind="kindergarten").update(kind="other")
    for project in city.community.projects.all():
        factories.make_report(project, city.month)
    assert [step.title for step in page_of(office, city.community).steps] == []
    assert "没有要赶的事" in text_of(office, city.community)


def test_money_and_homes_say_what_is_known_and_what_is_not(city: City, office: Client) -> None:
    """As the newest approved report says; what nobody told is unknown, and no sum takes it for 0."""
    Project.objects.filter(pk=city.housing.pk).update(
        fund_city=Decimal("300.50"), fund_social=Decimal(20), housing_planned=120, invested_before=Decimal(40)
    )
    told: dict[str, Any] = {"invested": Decimal("2.25"), "arrived_city": Decimal(150), "housing_started": 80}
    factories.make_report(city.housing, city.month, percent=50, stage=Stage.MAIN_WORKS, **told)
    means = page_of(office, city.community).means
    assert [known.value for known in means.money.totals] == [Decimal("320.50"), 150, None, Decimal("42.25")]
    assert {known.unknown for known in means.money.totals} == {2, 3}
    assert [known.value for known in means.homes.totals] == [120, 80, None, None]
    for name in ("community", "community_card"):
        text = text_of(office, city.community, name)
        assert "320.50" in text and "42.25" in text and "2 个不清楚" in text


def test_an_amount_that_is_not_approved_is_told_to_nobody(city: City, office: Client) -> None:
    """Not even to those who may read the report itself: the panel says what stands."""
    waiting: dict[str, Any] = {"percent": 50, "stage": Stage.MAIN_WORKS, "arrived_city": Decimal("155.55")}
    factories.make_report(city.housing, city.month, "submitted", **waiting)
    assert "155.55" not in text_of(office, city.community)


def test_days_to_come(city: City, office: Client) -> None:
    """Planned days from the working day on, soonest first, with how far they are."""
    coming = page_of(office, city.community).coming
    assert [(day.on, day.words) for day in coming if "幼儿园" in day.words] == [
        (dt.date(2014, 3, 1), "幼儿园计划开工"),
        (dt.date(2014, 9, 1), "幼儿园计划建成"),
    ]
    assert all(day.on >= LAST_DAY for day in coming) and coming[0].days >= 0
    Pairing.objects.filter(community=city.community).update(valid_until=dt.date(2014, 1, 2))
    assert page_of(office, city.community).coming[0].words == "XC住建局工作队包保到期"


def test_a_returned_report_comes_first_with_its_reason(city: City, office: Client, as_user: SignIn) -> None:
    """For whoever reports. A leader and the people at the community read nothing of it until it is approved."""
    entry = factories.make_user(Role.COUNTY_ENTRY, unit=city.units["XC"])
    reviewer = factories.make_user(Role.COUNTY_REVIEWER, unit=city.units["XC"])
    report = report_actions.submit_report(city.housing, city.month, {"percent": 52, "text": "秘密进展"}, actor=entry)
    version = report.version
    report_actions.return_report(report, actor=reviewer, expected_version=version, reason="照片与部位不符")
    first = page_of(office, city.community).steps[0]
    assert (first.title, first.gap) == ("还建房一期 2013-12 月报", "被退回") and "照片与部位不符" in first.source
    assert page_of(as_user(entry), city.community).steps[0].gap == "被退回"
    others = [factories.make_user(Role.LEADER)]
    others += [factories.make_user(role, community=city.community) for role in AT_HOME["community"]]
    for person in others:
        for name in ("community", "community_card", "community_history"):
            text = text_of(as_user(person), city.community, name)
            assert "照片与部位不符" not in text and "秘密进展" not in text and "被退回" not in text
    assert "照片与部位不符" in text_of(as_user(entry), city.community, "community_history")


@pytest.mark.parametrize("name", ["community", "community_card", "community_history"])
def test_everybody_at_home_sees_it_and_nobody_abroad(name: str, city: City, as_user: SignIn) -> None:
    """Whoever has the community in their reach; a foreign one is not there, and is named nowhere."""
    people = [factories.make_user(role, unit=city.units["XC"]) for role in AT_HOME["unit"]]
    people += [factories.make_user(role, community=city.community) for role in AT_HOME["community"]]
    for person in people:
        client = as_user(person)
        assert "外县" not in text_of(client, city.community, name)
        assert client.get(reverse(f"dashboards:{name}", args=[city.foreign.pk])).status_code == 404
    stranger = as_user(factories.make_user(administrator="system"))
    assert stranger.get(reverse(f"dashboards:{name}", args=[city.community.pk])).status_code == 404
    assert Client().get(reverse(f"dashboards:{name}", args=[city.community.pk])).status_code == 302


def test_doors_open_for_whoever_may(city: City, office: Client, as_user: SignIn) -> None:
    """The office moves and pairs, the county enters projects and organisations, the others read."""
    entry = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=city.units["XC"]))
    team = as_user(factories.make_user(Role.WORK_TEAM, community=city.community))
    assert "调整归属" in text_of(office, city.community) and "登记项目" in text_of(office, city.community)
    assert "登记项目" in text_of(entry, city.community) and "调整归属" not in text_of(entry, city.community)
    assert set(vars(page_of(team, city.community).doors).values()) == {""}
    for word in ("/edit/", "/new/", "/move/", "/succeed/"):
        assert word not in text_of(team, city.community)
    doors = page_of(entry, city.community).doors
    assert entry.get(doors.project).status_code == 200 and entry.get(doors.organisation).status_code == 200
    Pairing.objects.filter(community=city.community).delete()
    assert office.get(page_of(office, city.community).doors.pairing).status_code == 200


def test_a_draft_inspection_has_no_score(city: City, office: Client) -> None:
    """It is said to go on; the newest submitted one stays the score."""
    factories.make_inspection(factories.make_round(factories.make_quarter(2014, 1)), city.community)
    scores = page_of(office, city.community).scores
    assert [row.submitted for row in scores.rows] == [False, True, True]
    assert scores.newest.quarter == "2013Q4" and "检查中" in text_of(office, city.community)


def test_the_past_of_a_community_is_one_dated_line(city: City, office: Client, as_user: SignIn) -> None:
    """Moved, renamed, split: each with its day; a link only to a neighbour that the reader may see."""
    community = city.community
    Succession.objects.create(
        predecessor=community, successor=city.foreign, kind="split", effective_on=JUNE, reason="批复 1 号"
    )
    Succession.objects.create(
        predecessor=community,
        successor=community,
        kind="renamed",
        effective_on=MARCH,
        reason="批复",
        former_name="旧名",
    )
    page = page_of(office, community)
    assert [turn.title for turn in page.place.turns] == ["分出“外县社区”", "更名，原名“旧名”", "归孝昌填报"]
    assert page.place.turns[0].url == city.foreign.get_absolute_url()
    county = page_of(as_user(factories.make_user(Role.COUNTY_ENTRY, unit=city.units["XC"])), community)
    assert county.place.turns[0].url == ""
    assert page_of(office, city.foreign).place.turns[0].title == "由“金桥社区”分出"


def test_an_ended_community_says_so_and_asks_for_nothing(city: City, office: Client) -> None:
    """Nothing to do, no days to come, no doors to add; what there was stays readable."""
    Placement.objects.filter(community=city.community).update(valid_until=LAST_DAY)
    Succession.objects.create(
        predecessor=city.community, successor=city.foreign, kind="merged", effective_on=LAST_DAY, reason="批复 9 号"
    )
    page, text = page_of(office, city.community), text_of(office, city.community)
    assert (page.steps, page.unknowns, page.coming, page.doors.project, page.doors.move) == ([], [], [], "", "")
    assert "2013-12-31 并入“外县社区”" in text and "批复 9 号" in text and "还建房一期" in text
    assert "已撤并" in text_of(office, city.community, "community_card")


def test_a_community_with_nothing_says_what_is_not_known(units: dict[str, Any], as_user: SignIn) -> None:
    """Empty registers are said to be empty; no panel breaks, no 0 is made up. Without a placement neither."""
    bare = factories.make_community(units["XC"], population="existing")
    office = as_user(factories.make_user(Role.CITY_OFFICE))
    for word in ("没有登记项目", "登记册里没有服务中心", "没有检查过", "不清楚"):
        assert word in text_of(office, bare)
    assert {item.label for item in page_of(office, bare).unknowns} >= {"户数", "人口", "服务中心"}
    text_of(office, bare, "community_card")
    nowhere = Community.objects.create(code="N-1", name="无处社区", pinyin="wuchu", initials="w")
    assert "没有现行归属" in text_of(office, nowhere)


def test_a_new_community_without_a_centre_project_is_told(units: dict[str, Any], as_user: SignIn) -> None:
    """The programme builds one in each; an existing community may have one that nobody has entered."""
    office = as_user(factories.make_user(Role.CITY_OFFICE))
    new = factories.make_community(units["XC"])
    assert [step.gap for step in page_of(office, new).steps] == ["没有登记项目"]


def test_lists_of_every_app_lead_here_and_back(city: City, office: Client) -> None:
    """A community's address is this page; the register's own page stays a tab beside it."""
    here = reverse("dashboards:community", args=[city.community.pk])
    assert city.community.get_absolute_url() == here
    for address in (reverse("communities:list"), city.housing.get_absolute_url(), reverse("coordination:pairings")):
        assert f'href="{here}"' in office.get(address).content.decode()
    register = office.get(reverse("communities:detail", args=[city.community.pk])).content.decode()
    assert f'href="{here}"' in register
    assert reverse("communities:detail", args=[city.community.pk]) in text_of(office, city.community)


def test_samples_are_marked(city: City, office: Client) -> None:
    """The page, and a project on it."""
    assert "sample" not in text_of(office, city.community).split("<main")[1].split("</main>")[0].replace("sample-", "")
    Community.objects.filter(pk=city.community.pk).update(is_sample=True)
    assert '<span class="sample">示例</span>' in text_of(office, city.community)


def test_the_page_asks_as_often_however_much_there_is(city: City, office: Client) -> None:
    """The same number of queries for three projects and for thirty, for few organisations and many."""

    def count(name: str) -> int:
        shown(office, city.community, name)
        with CaptureQueriesContext(connection) as queries:
            shown(office, city.community, name)
        return len(queries)

    few = [count(name) for name in ("community", "community_card", "community_history")]
    for n in range(20):
        project = factories.make_project(city.community, "other", (Stage.STARTED, MARCH), (Stage.FOUNDATION, JUNE))
        factories.make_report(project, city.month)
        fields = {"kind": "social", "counting_rule": "filed", "valid_from": JUNE}
        Organisation.objects.create(community=city.community, name=f"组织{n}", **fields)
    factories.make_report(city.housing, city.month)
    assert ProgressReport.objects.count() == 21
    many = [count(name) for name in ("community", "community_card", "community_history")]
    # Fewer where the newest events are all of one kind.
    assert all(later <= earlier for later, earlier in zip(many, few, strict=True)) and few[0] <= 46
