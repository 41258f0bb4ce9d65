"""The leadership page: the sentence, the cards, every number a door, and how it keeps itself fresh."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from core.formats import decimal, rate
from dashboards.models import Mark, PublishedFigure
from dashboards.selectors_scores import places_of
from facilities.workflow import Stage
from tests.dashboards.pages import LEADER, facts, number_links, source, words
from tests.dashboards.scene import JUNE, inspect, reach, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_project, make_quarter, make_round, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def leader(as_user: Any) -> Client:
    """A client of the city's leader."""
    return as_user(make_user(Role.LEADER))  # type: ignore[no-any-return]


@pytest.fixture
def city(units: Units, half_year: Quarters) -> Units:
    """Two units with a little of everything, rolled up."""
    build(units, half_year["2013Q4"])
    settle()
    return units


def publish(indicator: str, value: int) -> None:
    PublishedFigure.objects.create(
        indicator=indicator,
        year=2013,
        number=4,
        value=value,
        published_on=dt.date(2014, 2, 26),
        wording="—",
        source="—",
    )


def test_the_sentence_says_what_is_done_and_who_lags(city: Units, leader: Client) -> None:
    said = words(source(leader))
    assert "规划 8 个新社区，已开工 6 个，服务中心基本建成 2 个；" in said
    assert "还有 2 个没有开工 ， 孝南 、 大悟 各占 1 个。" in said


def derived(page: Any) -> set[str]:
    """What the leadership page makes of a figure: a stage's share of what is planned, the points that a score lacks."""
    if page.indicator.code == "average_score":
        return {decimal(100 - Decimal(page.foot.share), 1)}
    return {rate(page.table.cell(page.indicator.code).numerator, page.table.cell("planned").numerator)}


def test_every_number_leads_to_facts_that_add_up_to_it(city: Units, leader: Client) -> None:
    links = [link for link in number_links(source(leader)) if "/losses/" not in link.url]
    assert len(links) > 60
    for link in links:
        page = facts(leader, link.url)
        assert page.check.agrees, link
        shown = {page.foot.amount, page.foot.share, page.foot.amount.split(" / ")[0], str(page.page.paginator.count)}
        shown |= derived(page)
        assert not link.number or link.number in shown, link


def test_every_fact_leads_to_its_record_and_its_history(city: Units, leader: Client) -> None:
    seen = set()
    for link in number_links(source(leader)):
        if "/losses/" in link.url:
            continue
        for row in facts(leader, link.url).rows:
            assert row.url and row.history_url, link
            seen |= {row.url, row.history_url, (row.ground.url if row.ground else "") or row.url}
    assert len(seen) > 30
    assert {url: leader.get(url).status_code for url in seen} == dict.fromkeys(seen, 200)


def test_the_two_populations_stand_apart(city: Units, leader: Client) -> None:
    said = words(source(leader))
    assert "现有社区与 8 个规划新社区是两批对象，不合并计算。" in said
    assert "2 / 6 33.3%" in said
    assert "还差 4 个社区" in said


def test_change_since_last_quarter(city: Units, leader: Client) -> None:
    """In Q3 one centre of each unit had only begun, and one more of each was still standardised."""
    response = leader.get(LEADER)
    rows = {row.label: row.change for row in response.context["leader"].funnel}
    assert rows == {"规划新社区": None, "已开工": 0, "服务中心主体动工": 2, "服务中心基本建成": 2}
    assert response.context["leader"].stock.part.change == -2


def test_the_first_quarter_has_nothing_to_compare_with(city: Units, leader: Client) -> None:
    page = leader.get(LEADER, {"quarter": "2013Q3"}).context["leader"]
    assert page.stock.part.change is None
    assert page.previous_url == ""
    assert page.next_url.endswith("quarter=2013Q4")


def test_published_beside_computed(city: Units, leader: Client) -> None:
    publish("planned", 8)
    assert "与公布数一致" in source(leader)
    publish("started", 82)
    page = source(leader)
    assert "与公布数不一致" in page
    assert page.count("有出入") == 1


def test_the_map_is_a_sketch_with_shapes_points_and_a_table(city: Units, leader: Client) -> None:
    page = source(leader)
    assert page.count('<path class="county') == 7
    assert page.count('<circle class="zone') == 3
    assert "示意图，不作为划界依据" in page
    assert "大悟 1/4" in page


def test_pending_changes_are_named_until_they_are_counted(city: Units, leader: Client) -> None:
    before = leader.get(LEADER).context["state"]
    assert leader.get(LEADER, {"seen": before}, headers=HTMX).status_code == 204
    late = Community.objects.filter(projects=None, placements__population="programme").first()
    assert late is not None
    reach(make_project(late, "clinic"), Stage.STARTED, JUNE)
    waiting = leader.get(LEADER, {"seen": before}, headers=HTMX)
    assert waiting.status_code == 200
    assert "条变更待汇总" in waiting.content.decode()
    assert 'hx-trigger="every 3s"' in waiting.content.decode()
    settle()
    after = leader.get(LEADER, {"seen": waiting.context["state"]}, headers=HTMX)
    assert "已开工 7 个" in words(after.content.decode())
    assert "待汇总" not in after.content.decode()
    assert "seen=" not in after.content.decode().partition('id="board"')[2]


def test_asking_again_keeps_nobody_signed_in(city: Units, leader: Client) -> None:
    assert "X-Background" in source(leader)


def test_ranking_counts_ties_as_in_a_competition() -> None:
    scores = {"a": Decimal("90.0"), "b": Decimal("95.0"), "c": Decimal("90.0"), "d": Decimal("80.0"), "e": None}
    assert places_of(scores) == {"b": 1, "a": 2, "c": 2, "d": 4}


def test_ranking_and_no_ranking(units: Units, half_year: Quarters, leader: Client) -> None:
    for name, lost in (("2013Q3", (0, 10, 20)), ("2013Q4", (10, 10, 5))):
        round_ = make_round(half_year[name])
        for code, deduction in zip(("XN", "DW", "SF"), lost, strict=True):
            inspect(round_, make_community(units[code]), deduction)
    settle()
    card = leader.get(LEADER).context["leader"].scores
    assert [(row.name, row.place, row.tied, row.moved) for row in card.rows[:3]] == [
        ("双峰山", 1, False, 2),
        ("孝南", 2, True, -1),
        ("大悟", 2, True, 0),
    ]
    assert [row.place for row in card.rows[3:]] == [None] * 7
    assert [row.change for row in card.rows[:3]] == [Decimal(15), Decimal(-10), Decimal(0)]
    page = leader.get(LEADER, {"rank": "no"})
    card = page.context["leader"].scores
    assert [row.name for row in card.rows][:4] == ["孝南", "孝昌", "大悟", "云梦"]
    assert {row.place for row in card.rows} == {row.moved for row in card.rows} == {None}
    assert "名次变化" not in page.content.decode()


def test_trends_leave_out_quarters_that_were_never_computed(city: Units, leader: Client) -> None:
    trend = leader.get(LEADER).context["leader"].trends[2]
    assert [reading.value for reading in trend.readings] == [None, None, 0, 2]
    assert len(trend.dots) == 2


def test_a_city_without_a_quarter_says_so(units: Units, leader: Client) -> None:
    make_quarter(2013, 4, state="planned")
    page = source(leader)
    assert "还没有开放过季度" in page
    assert leader.get(LEADER, {"quarter": "2013Q4"}).status_code == 404


def test_a_city_without_records_has_real_empty_states(units: Units, half_year: Quarters, leader: Client) -> None:
    page = source(leader)
    for said in ("还没有规划新社区的记录", "还没有现有社区的记录", "本季度还没有提交的检查", "尚未计算"):
        assert said in page
    assert {facts(leader, link.url).page.paginator.count for link in number_links(page)} <= {0}


def test_the_newest_open_quarter_is_shown_unless_another_is_asked_for(city: Units, leader: Client) -> None:
    make_quarter(2014, 1, state="closed")
    assert str(leader.get(LEADER).context["leader"].period.quarter) == "2013Q4"
    assert str(leader.get(LEADER, {"quarter": "2013Q3"}).context["leader"].period.quarter) == "2013Q3"


@pytest.mark.parametrize("name", ["2013Q5", "2012Q1", "x", "２０１３Q4"])
def test_a_quarter_that_is_none(city: Units, leader: Client, name: str) -> None:
    assert leader.get(LEADER, {"quarter": name}).status_code == 404


def test_no_style_and_no_script_in_the_page(city: Units, leader: Client) -> None:
    page = source(leader)
    assert "style=" not in page
    assert "<script>" not in page
    assert not Mark.objects.exists()
