"""The register: whose communities it shows, how it is searched, narrowed, sorted and paged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities import actions
from communities.models import Community, ReportingUnit
from communities.names import pinyin_of
from core.periods import today

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
AsUser = Callable[[User], Client]


@pytest.fixture
def scene(units: Units, make_community: Any) -> dict[str, Community]:
    """Four communities of 孝昌 and one of 大悟, by name."""
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("金桥社区", "XC", {"type": "town", "households": 300, "pilot_from": dt.date(2013, 3, 1)}),
        ("安庄新村", "XC", {"type": "rural", "households": 900, "area_kind": "village"}),
        ("解放社区", "XC", {"type": "city", "population": "existing"}),
        ("重庆路社区", "XC", {"type": "city", "households": 600, "is_sample": True}),
        ("大悟山社区", "DW", {"type": "rural", "households": 100}),
    ]
    made = {}
    for name, unit, fields in rows:
        pinyin, initials = pinyin_of(name)
        made[name] = make_community(units[unit], name=name, pinyin=pinyin, initials=initials, **fields)
    return made


@pytest.fixture
def city(make_user: Callable[..., User], as_user: AsUser) -> Client:
    """The city office, signed in."""
    return as_user(make_user("city_office"))


def names(client: Client, **query: Any) -> list[str]:
    """The names on the page, in their order."""
    response = client.get(reverse("communities:list"), query)
    assert response.status_code == 200
    return [row.name for row in response.context["page_obj"]]


def test_a_county_sees_its_own_alone(
    scene: dict[str, Community], units: Units, make_user: Callable[..., User], as_user: AsUser
) -> None:
    """Also when it asks for the other unit by address, by name or by code."""
    county = as_user(make_user("county_reviewer", unit=units["XC"]))
    assert len(names(county)) == 4
    foreign = scene["大悟山社区"]
    assert names(county, q="大悟山") == names(county, q=foreign.code) == []
    page = county.get(reverse("communities:list"), {"unit": "DW"})
    assert "大悟山" not in page.content.decode() and not page.context["page_obj"].object_list
    assert list(page.context["filterset"].form.fields["unit"].queryset) == [units["XC"]]


def test_a_work_team_sees_its_pilot(
    scene: dict[str, Community], units: Units, make_user: Callable[..., User], as_user: AsUser
) -> None:
    """And a filter that offers that pilot's unit."""
    team = as_user(make_user("work_team", community=scene["金桥社区"]))
    assert names(team) == ["金桥社区"]
    assert names(team, unit="XC") == ["金桥社区"]


def test_people_without_a_role_are_refused(make_user: Callable[..., User], as_user: AsUser) -> None:
    """403, not an empty list; not signed in: to the sign-in page."""
    address = reverse("communities:list")
    assert as_user(make_user(administrator="system")).get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("桥社", ["金桥社区"]),
        ("JQ", ["金桥社区"]),
        ("cqlsq", ["重庆路社区"]),
        ("jin qiao", ["金桥社区"]),
        ("sq", ["重庆路社区", "大悟山社区", "解放社区", "金桥社区"]),
        ("jq%", []),
        ("  ", ["安庄新村", "重庆路社区", "大悟山社区", "解放社区", "金桥社区"]),
    ],
)
def test_search(word: str, found: list[str], scene: dict[str, Community], city: Client) -> None:
    """By part of the name, initials in any case, full pinyin; in order of pinyin."""
    assert names(city, q=word) == found


def test_search_by_code(scene: dict[str, Community], city: Client) -> None:
    """From its beginning, in any case."""
    Community.objects.filter(name="解放社区").update(code="XC-E-007")
    assert names(city, q="xc-e") == ["解放社区"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"unit": "DW"}, {"大悟山社区"}),
        ({"type": "rural"}, {"安庄新村", "大悟山社区"}),
        ({"population": "existing"}, {"解放社区"}),
        ({"area_kind": "village"}, {"安庄新村"}),
        ({"pilot": "yes"}, {"金桥社区"}),
        ({"pilot": "no", "type": "town"}, set()),
        ({"category": "new"}, set()),
        ({"unit": "XC", "type": "city", "q": "jf"}, {"解放社区"}),
        ({"unit": "nowhere"}, set()),
        ({"type": "suburb"}, set()),
    ],
)
def test_filters(query: dict[str, str], found: set[str], scene: dict[str, Community], city: Client) -> None:
    """Each alone and together; a value that does not exist finds nothing and is no crash."""
    assert set(names(city, **query)) == found


@pytest.mark.parametrize(
    ("query", "label"),
    [({"unit": "abc"}, "单位"), ({"type": "zzz"}, "类型"), ({"q": "\0"}, "名称、编号、拼音首字母")],
)
def test_a_filter_that_is_wrong_is_named(
    query: dict[str, str], label: str, scene: dict[str, Community], city: Client
) -> None:
    """Above the empty list, in words; also in the part that htmx gets."""
    for headers in ({}, {"HX-Request": "true"}):
        text = city.get(reverse("communities:list"), query, headers=headers).content.decode()
        assert f"筛选条件“{label}”不对，已不显示任何记录。" in text
        assert "有效的选项" not in text and "空字符" not in text
    assert "不对" not in city.get(reverse("communities:list"), {"unit": "XC", "q": "x"}).content.decode()


def test_ended_communities_can_be_asked_for(
    scene: dict[str, Community], city: Client, make_user: Callable[..., User]
) -> None:
    """They keep their place in the register, without a unit."""
    actions.succeed(
        scene["解放社区"], kind="ended", effective_on=today(), reason="批复", actor=make_user("city_office")
    )
    assert names(city, state="ended") == ["解放社区"]
    assert len(names(city, state="standing")) == 4
    assert "已撤并" in city.get(reverse("communities:list"), {"state": "ended"}).content.decode()


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("", "安庄新村"),
        ("-name", "金桥社区"),
        ("-unit", "大悟山社区"),
        ("households", "大悟山社区"),
        ("pinyin; DROP TABLE", "安庄新村"),
    ],
)
def test_sorting(sort: str, first: str, scene: dict[str, Community], city: Client) -> None:
    """By pinyin unless asked otherwise; a name that is none falls back."""
    assert names(city, sort=sort)[0] == first


def test_paging_keeps_the_filters(units: Units, make_community: Any, city: Client) -> None:
    """Twenty a page; a page that does not exist is the last one; the next page's link keeps the filter."""
    for _ in range(25):
        make_community(units["XC"], type="town")
    page = city.get(reverse("communities:list"), {"type": "town"})
    text = page.content.decode()
    assert len(page.context["page_obj"].object_list) == 20
    assert "第 1–20 条，共 25 条" in text and "?type=town&amp;page=2" in text
    assert len(names(city, type="town", page=99)) == 5
    assert len(names(city, type="town", size=50)) == 25


def test_htmx_gets_the_rows_alone(scene: dict[str, Community], city: Client) -> None:
    """No frame around them; the count is in it, to be announced."""
    part = city.get(reverse("communities:list"), {"q": "jq"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "金桥社区" in part
    assert 'role="status">1 条' in part


def test_nothing_found_says_what_to_do(scene: dict[str, Community], city: Client) -> None:
    """With a way back to all of them."""
    text = city.get(reverse("communities:list"), {"q": "zzz"}).content.decode()
    assert "没有符合条件的社区" in text and "看全部社区" in text


def test_unknown_is_not_zero_and_samples_say_so(scene: dict[str, Community], city: Client) -> None:
    """不清楚 where a number is not known; 示例 after the name of a sample record only."""
    text = city.get(reverse("communities:list"), {"q": "jf"}).content.decode()
    assert "不清楚" in text and 'class="sample"' not in text
    assert 'class="sample"' in city.get(reverse("communities:list"), {"q": "cql"}).content.decode()


def test_the_register_asks_the_same_for_one_and_for_many(
    units: Units, make_community: Any, city: Client, django_assert_max_num_queries: Any
) -> None:
    """No query for each row."""
    for _ in range(15):
        make_community(units["XC"])
    with django_assert_max_num_queries(12):
        assert len(names(city)) == 15
