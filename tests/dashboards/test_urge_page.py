"""The page of 催报, what the table of completeness says of it, and unsigned notices on the first page."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from communities.models import ReportingUnit
from communities.roles import Role
from core.errors import RuleViolation
from facilities.urging import urge
from jobs import broker
from notices.actions import sign
from notices.models import Delivery, Notice
from tests.dashboards.month_scene import THREE_DAYS_BEFORE, Team, open_month, submit, today_is
from tests.dashboards.pages import words
from tests.dashboards.scene import move
from tests.factories import make_community, make_user
from tests.notices.conftest import kinds, tell

__all__ = ["kinds"]
pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
TABLE = "/dashboards/periods/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(broker, "_publish", lambda: None)
    today_is(THREE_DAYS_BEFORE)


@pytest.fixture
def teams(units: Units) -> dict[str, Team]:
    return {"XC": Team(units["XC"]), "DW": Team(units["DW"], 2)}


@pytest.fixture
def office(as_user: Any) -> Any:
    return as_user(make_user(Role.CITY_OFFICE, full_name="市办"))


def test_all_that_are_behind_are_offered_and_chosen(teams: dict[str, Team], office: Any) -> None:
    month = open_month()
    for project in teams["DW"].projects:
        submit(project, month, teams["DW"].entry)
    form = office.get(f"{TABLE}{month.pk}/urge/").context["form"]
    assert form.fields["units"].choices == [("XC", "孝昌：还差 4 / 4，发给 孝昌填报人")]
    assert form.initial["units"] == ["XC"]


def test_one_unit_or_all_by_a_button(teams: dict[str, Team], office: Any) -> None:
    month = open_month()
    table = office.get(TABLE)
    assert f"{TABLE}{month.pk}/urge/" in [action.url for action in table.context["actions"]]
    lines = {line.row.code: line.urge_url for line in table.context["lines"] if line.urge_url}
    assert lines == {code: f"{TABLE}{month.pk}/urge/?unit={code}" for code in ("XC", "DW")}
    assert office.get(lines["DW"]).context["form"].initial["units"] == ["DW"]
    response = office.post(lines["DW"], {"units": ["DW"], "words": "今天报齐"})
    assert response.status_code == 302 and response.headers["Location"] == f"{TABLE}?month=2013-12"
    notice = Notice.objects.get()
    assert notice.about.endswith("unit:DW") and notice.body.endswith("今天报齐")


def test_who_may_report_a_community_that_moved_is_urged(teams: dict[str, Team], units: Units, office: Any) -> None:
    month = open_month()
    move(teams["XC"].community, units["DW"], dt.date(2014, 1, 1))
    table = office.get(TABLE)
    assert [line.row.code for line in table.context["lines"] if line.urge_url] == ["DW"]
    assert {row.code: row.missing.value for row in table.context["table"].rows if row.missing.value} == {
        "XC": 4,
        "DW": 2,
    }, "completeness counts where a community stood on the month's last day"
    form = office.get(f"{TABLE}{month.pk}/urge/").context["form"]
    assert form.fields["units"].choices == [("DW", "大悟：还差 6 / 6，发给 大悟填报人")]
    assert office.post(f"{TABLE}{month.pk}/urge/", {"units": ["XC"]}).status_code == 422
    with pytest.raises(RuleViolation, match="不用催"):
        urge(month, units["XC"], actor=make_user(Role.CITY_OFFICE))


def test_one_that_is_refused_stops_no_other(teams: dict[str, Team], office: Any) -> None:
    month = open_month()
    url = f"{TABLE}{month.pk}/urge/"
    office.post(url, {"units": ["XC"]})
    text = words(office.post(url, {"units": ["XC", "DW"]}, follow=True).content.decode())
    assert "已催报：大悟。" in text and "已催过，一天只催一次" in text
    again = office.post(url, {"units": ["XC", "DW"], "words": "留着的附言"})
    assert again.status_code == 400 and "留着的附言" in again.content.decode()
    assert words(again.content.decode()).count("一天只催一次，明天") >= 2 and Notice.objects.count() == 2


def test_what_cannot_be_urged_is_not_taken(teams: dict[str, Team], office: Any) -> None:
    month = open_month()
    url = f"{TABLE}{month.pk}/urge/"
    for data in ({}, {"units": ["YM"]}, {"units": ["XC"], "words": "字" * 201}):
        assert office.post(url, data).status_code == 422
    for team in teams.values():
        for project in team.projects:
            submit(project, month, team.entry)
    assert "没有要催的单位" in words(office.get(url).content.decode())
    assert not Notice.objects.exists()


def test_the_table_says_when_and_who_has_signed(
    teams: dict[str, Team], units: Units, office: Any, as_user: Any
) -> None:
    month = open_month()
    make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    notice = urge(month, units["XC"], actor=make_user(Role.CITY_OFFICE))
    entry = teams["XC"].entry
    sign(Delivery.objects.get(notice=notice, recipient=entry, channel="portal"), actor=entry)
    said = re.compile(r"\d\d-\d\d \d\d:\d\d 催报，已签收 1/2")
    for client in (office, as_user(entry), as_user(make_user(Role.LEADER))):
        assert said.search(words(client.get(TABLE).content.decode()))
    assert not said.search(words(as_user(teams["DW"].entry).get(TABLE).content.decode())), "another unit's business"
    page = as_user(entry).get(TABLE)
    assert f"{month.pk}/urge/" not in page.content.decode()
    assert as_user(entry).get(f"{TABLE}{month.pk}/urge/").status_code == 403


# --- The first page ------------------------------------------------------------------------------


def test_unsigned_notices_stand_on_the_first_page_of_every_role(units: Units, as_user: Any, kinds: None) -> None:
    community = make_community(units["XC"])
    places: dict[str, dict[str, Any]] = {
        Role.COUNTY_ENTRY: {"unit": units["XC"]},
        Role.COUNTY_REVIEWER: {"unit": units["XC"]},
        Role.INSPECTOR: {"community": community},
        Role.WORK_TEAM: {"community": community},
        Role.DEPUTY: {"community": community},
    }
    for role in Role:
        person = make_user(role, **places.get(role, {}))
        client = as_user(person)
        assert "未签收的通知" not in words(client.get("/dashboards/home/").content.decode())
        for step in range(7):
            tell(person, about=f"{role}", step=str(step), title=f"第{step}条")
        text = words(client.get("/dashboards/home/").content.decode())
        assert "未签收的通知 7" in text and "第6条" in text and "第1条" not in text and "还有 2 条" in text
        client.post("/notices/sign/")
        assert "未签收的通知" not in words(client.get("/dashboards/home/").content.decode())
