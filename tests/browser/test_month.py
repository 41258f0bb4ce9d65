"""A month in real Chromium: filed on a phone, returned, mended, approved; by keyboard; without a signal; twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from facilities.models import Project
from facilities.report_workflow import ReportState
from tests.browser.city import City
from tests.browser.conftest import PHONE, Visit
from tests.browser.filing import (
    approve,
    filed,
    fill_stage,
    form_of,
    open_in_inbox,
    percent,
    reports_of,
    saved,
    submit,
    tab_to,
)
from tests.browser.watch import Watch

OPENED = "2014-01"
LABELS = {"filed": "已报", "approved": "已通过", "waiting": "待审核", "returned": "被退回", "missing": "未报"}
WANTED = "请市供电公司接通施工用电"


def test_a_month_from_its_opening_to_the_leader(visit: Visit, city: City, watch: Watch) -> None:
    watch.allowed_status = {404, 422}
    project = city.sites[0]
    office, leader = visit("city", city), visit("leader", city)
    _open_month(office)
    before, asked = _counts(office), _help_asked(leader)

    county = visit("xn_entry", city, size=PHONE)
    county.goto(project.get_absolute_url())
    county.get_by_role("link", name=f"{OPENED} 月报").click()
    fill_stage(county, "主体施工", "2014-01-02", "监理报告", 5)
    saved(county)
    expect(county.locator("[data-explain]")).to_contain_text("进度 5%")
    submit(county)
    expect(county.get_by_role("alert")).to_contain_text("属实请写一句说明")
    percent(county).fill("35")
    county.get_by_label("需要协调的事").fill(WANTED)
    submit(county)
    filed(county, project)
    assert _counts(office) == _moved(before, filed=1, waiting=1, missing=-1)
    assert _help_asked(leader) == asked
    assert leader.goto(reports_of(project, OPENED).get().get_absolute_url()).status == 404  # type: ignore[union-attr]

    reviewer = visit("xn_review", city)
    open_in_inbox(reviewer, project)
    reviewer.get_by_label("退回理由").last.fill("请写清楚做到哪一层")
    reviewer.get_by_role("button", name="退回", exact=True).click()
    expect(reviewer.locator(".toasts")).to_contain_text("已退回")

    county.goto(form_of(project, OPENED))
    expect(county.locator(".filing")).to_contain_text("请写清楚做到哪一层")
    county.get_by_label("进展").fill("主体做到二层")
    submit(county)
    filed(county, project)
    approve(reviewer, project)

    leader.reload()
    expect(leader.locator(".page-main")).to_contain_text("主体做到二层")
    leader.goto(project.get_absolute_url())
    expect(leader.locator("table.table")).to_contain_text("监理报告")
    assert _help_asked(leader) == asked + 1
    expect(leader.locator("section[aria-labelledby=decisions-title]")).to_contain_text(f"全部 {asked + 1} 项")
    office.get_by_role("navigation", name="主导航").get_by_role("link", name="月报完整率").click()
    expect(office.get_by_role("heading", level=1)).to_contain_text(OPENED)
    assert _counts(office) == _moved(before, filed=1, approved=1, missing=-1)


def test_the_keyboard_alone_files_and_approves(visit: Visit, city: City) -> None:
    project = city.sites[1]
    county = visit("xn_entry", city)
    county.goto(form_of(project))
    tab_to(county, percent(county))
    county.keyboard.type("12")
    tab_to(county, county.locator(".filing-bar button"))
    county.keyboard.press("Enter")
    filed(county, project)

    reviewer = visit("xn_review", city)
    reviewer.goto("/projects/review/")
    tab_to(reviewer, reviewer.locator(".review-rows a", has_text=str(project)))
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("#detail-title")).to_contain_text(str(project))
    tab_to(reviewer, reviewer.locator(".review-decide .btn-primary"))
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator(".toasts")).to_contain_text(f"已通过：{project}")
    assert reports_of(project).get().state == ReportState.APPROVED


def test_what_is_filed_without_a_signal_arrives_once_when_it_is_back(visit: Visit, city: City) -> None:
    project = city.sites[2]
    county = visit("xn_entry", city, size=PHONE)
    county.goto(form_of(project))
    county.context.set_offline(True)
    percent(county).fill("14")
    strip = county.locator("[data-offline-strip]")
    expect(strip).to_contain_text("没有信号")
    submit(county)
    expect(county.locator("[data-held]")).to_be_visible()
    expect(strip).to_contain_text("没有信号，1 处改动已存在本机")
    assert not reports_of(project).exists()
    with county.expect_navigation():
        county.context.set_offline(False)
    expect(strip).to_contain_text("全部送达")
    county.reload()
    report = reports_of(project).get()
    assert (report.state, report.percent, report.version) == (ReportState.SUBMITTED, 14, 1)


NO_ROOM = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"


def test_a_browser_that_keeps_nothing_files_all_the_same(visit: Visit, city: City) -> None:
    project = city.sites[7]
    county = visit("xn_entry", city, size=PHONE)
    county.add_init_script(NO_ROOM)
    county.goto(form_of(project))
    percent(county).fill("14")
    submit(county)
    filed(county, project)
    assert reports_of(project).get().state == ReportState.SUBMITTED


def test_without_a_signal_and_room_it_says_that_the_page_must_stay_open(visit: Visit, city: City) -> None:
    project = city.sites[8]
    county = visit("xn_entry", city, size=PHONE)
    county.add_init_script(NO_ROOM)
    county.goto(form_of(project))
    county.context.set_offline(True)
    percent(county).fill("14")
    submit(county)
    expect(county.locator("[data-offline-strip]")).to_contain_text("1 处改动只在这一页，请不要关闭")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    county.on("dialog", stay)
    county.close(run_before_unload=True)
    county.wait_for_timeout(500)
    assert asked == ["beforeunload"] and not county.is_closed()
    with county.expect_navigation():
        county.context.set_offline(False)
    assert reports_of(project).get().state == ReportState.SUBMITTED


def test_an_answer_that_is_lost_is_asked_for_again_and_files_once(visit: Visit, city: City) -> None:
    project = city.sites[3]
    county = visit("xn_entry", city, size=PHONE)
    county.goto(form_of(project))
    percent(county).fill("14")
    saved(county)
    # The server gets the report and answers; the answer never arrives.
    county.route(f"**{form_of(project)}", _answer_nobody, times=1)
    submit(county)
    expect(county.locator("[data-held]")).to_be_visible()
    version = reports_of(project).get().version
    with county.expect_navigation():
        county.evaluate("window.dispatchEvent(new Event('online'))")
    expect(county.locator("[data-offline-strip]")).to_contain_text("全部送达")
    assert reports_of(project).get().version == version


def test_two_tabs_see_both_texts_and_a_double_click_files_once(visit: Visit, city: City, watch: Watch) -> None:
    watch.allowed_status = {409}
    project = city.sites[4]
    one = visit("xn_entry", city)
    other = one.context.new_page()
    for page in (one, other):
        page.goto(form_of(project))
    one.get_by_label("进展").fill("甲标签写的")
    saved(one)
    other.get_by_label("进展").fill("乙标签写的")
    conflict = other.locator("[data-conflict]")
    expect(conflict).to_contain_text("甲标签写的")
    expect(conflict).to_contain_text("乙标签写的")
    other.get_by_role("button", name="用我填的").click()
    saved(other)
    percent(other).fill("13")
    other.locator(".filing-bar button").dblclick()
    filed(other, project)
    report = reports_of(project).get()
    assert (report.text, report.state) == ("乙标签写的", ReportState.SUBMITTED)


@pytest.mark.parametrize("name", ["report", "edit"])
def test_a_time_out_loses_nothing(name: str, visit: Visit, city: City) -> None:
    project = city.sites[5]
    county = visit("xn_entry", city)
    county.goto(form_of(project) if name == "report" else f"{project.get_absolute_url()}edit/")
    county.context.clear_cookies(name="portal_session")
    field = county.get_by_label("进展") if name == "report" else county.get_by_label("名称", exact=True)
    field.fill("写到一半")
    if name == "report":
        expect(county.locator("[data-save-state]:visible")).to_contain_text("登录已过期")
        county.reload()
    else:
        county.get_by_role("button", name="保存").click()
    _sign_in_again(county, city)
    if name == "report":
        expect(county.locator("[data-restored]")).to_be_visible()
        saved(county)
    else:
        county.get_by_role("button", name="接着填").click()
    expect(field).to_have_value("写到一半")
    _nothing_is_left_at_sign_out(county, project)


def _answer_nobody(route: Route) -> None:
    assert route.fetch().status == 200
    route.abort()


def _sign_in_again(page: Page, city: City) -> None:
    page.get_by_label("用户名").fill("xn_entry")
    page.get_by_label("密码", exact=True).fill(city.passwords["xn_entry"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def _nothing_is_left_at_sign_out(page: Page, project: Project) -> None:
    page.locator("details.person summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/**")
    kept = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('portal:'))")
    assert kept == [], project


def _open_month(office: Page) -> None:
    """The city office opens January, due in February."""
    office.goto("/communities/periods/")
    office.get_by_role("link", name="开放新的月份").click()
    year, number = OPENED.split("-")
    office.get_by_label("年", exact=True).fill(year)
    office.get_by_label("月", exact=True).fill(str(int(number)))
    office.get_by_label("开放日期").fill("2014-01-01")
    office.get_by_label("截止日期").fill("2014-02-06")
    office.locator(".form-foot .btn-primary").click()
    expect(office.locator(".page-main")).to_contain_text(OPENED)


def _counts(office: Page) -> dict[str, int]:
    """The unit's row of the month's completeness, and the city's below it, which moves as the unit's does."""
    office.goto(f"/dashboards/periods/?month={OPENED}")
    found = {}
    for unit in ("孝南", "全市"):
        row = office.locator("table tr", has=office.get_by_text(unit, exact=True)).first
        for name, label in LABELS.items():
            found[f"{unit} {name}"] = int(row.locator(f"[data-label={label}]").inner_text())
    return found


def _moved(before: dict[str, int], **by: int) -> dict[str, int]:
    """The counts after some have moved."""
    return {name: count + by.get(name.split()[1], 0) for name, count in before.items()}


def _help_asked(leader: Page) -> int:
    """How many approved reports ask the leader for help."""
    leader.goto("/dashboards/")
    link = leader.locator("section[aria-labelledby=decisions-title] a[href*='help=yes']")
    return int("".join(filter(str.isdigit, link.inner_text()))) if link.count() else 0
