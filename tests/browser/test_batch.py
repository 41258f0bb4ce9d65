"""The month of a whole unit in real Chromium: sixty projects, ten changes; by keys, without a signal, in two tabs."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Route, expect

from facilities.report_workflow import ReportState
from tests.browser.axe import violations
from tests.browser.batch_unit import PARTS, PERSON, WHOLE
from tests.browser.batch_user import Actions, approved, cell, focused, line, notes, open_month, saved, stored
from tests.browser.city import City
from tests.browser.conftest import PHONE, Visit
from tests.browser.watch import Watch

COPY = """([target, text]) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_sixty_projects_with_ten_changes_take_thirty_five_actions(
    visit: Visit, city: City, record_property: Callable[[str, object], None]
) -> None:
    page = visit(PERSON, city)
    open_month(page, WHOLE)
    began, person = time.monotonic(), Actions(page)
    expect(page.locator("[data-tally=blank]").first).to_have_text("60")
    changed = city.unit[2:10] + city.unit[12:14]
    for project in changed[:9]:  # percentage and investment, one beside the other
        person.click(cell(page, project, "percent"))
        person.keys("14", "Tab", "46.5")
    stage = changed[9]
    person.click(cell(page, stage, "percent"))
    person.keys("85", "Tab", "22", "Tab", "1120", "Enter")
    expect(notes(page, stage)).to_contain_text("少 80.00 万元")
    person.click(page.get_by_role("button", name="其余 50 个没有变化"))
    person.click(page.locator("[data-submit]"))
    expect(page.locator("[data-open-said]")).to_contain_text("还有 1 处：1 处必须改")
    person.click(notes(page, stage).get_by_role("button", name="改回 1,200.00"))
    expect(line(page, stage)).to_have_attribute("data-state", "asks")
    person.click(page.locator("[data-submit]"))
    expect(notes(page, stage).get_by_placeholder("例如")).to_be_focused()
    person.keys("预制件，安装快")
    person.click(page.locator("[data-submit]"))
    expect(page.locator(".toasts")).to_contain_text("已提交 60 个项目")
    record_property("seconds", round(time.monotonic() - began, 1))
    record_property("actions", person.count)
    assert person.count <= 35
    found = {report.project_id: report for project in city.unit for report in stored(project, WHOLE)}
    assert len(found) == 60 and {report.state for report in found.values()} == {ReportState.SUBMITTED}
    assert [found[project.pk].percent for project in changed] == [14] * 9 + [85]
    assert sum(report.percent == 10 for report in found.values()) == 50


def test_the_keys_are_those_of_a_spreadsheet(visit: Visit, city: City) -> None:
    one, two, three = city.unit[52:55]
    page = visit(PERSON, city)
    open_month(page)
    cell(page, one, "percent").click()
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    assert focused(page) == f"p{two.pk}-percent"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert focused(page) == f"p{one.pk}-invested"
    page.keyboard.type("8.5")
    page.keyboard.press("Tab")
    expect(line(page, one).locator("[data-total]")).to_have_text("188.50")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("F2")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("7")
    expect(cell(page, one, "invested")).to_have_value("8.570")
    page.keyboard.press("Escape")
    expect(cell(page, one, "invested")).to_have_value("8.50")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+n")
    expect(line(page, two)).to_have_attribute("data-state", "same")
    page.keyboard.press("Alt+n")
    expect(line(page, two)).to_have_attribute("data-state", "blank")
    page.keyboard.press("Alt+o")
    expect(page.locator(".batch-detail:visible")).to_have_count(1)
    page.keyboard.press("Alt+o")
    cell(page, two, "percent").evaluate("(it) => it.focus()")
    page.evaluate(COPY, [cell(page, two, "percent").element_handle(), "13\t9\n15\t1,000\n"])
    expect(cell(page, three, "invested")).to_have_value("1,000.00")
    expect(cell(page, two, "percent")).to_have_value("13")
    page.keyboard.press("F6")
    expect(page.locator("[data-submit]")).to_be_focused()
    page.get_by_role("button", name="快捷键").click()
    expect(page.get_by_role("dialog")).to_contain_text("Ctrl")
    page.keyboard.press("Escape")
    saved(page)
    page.reload()
    expect(line(page, three)).to_have_attribute("data-state", "changed")


def test_a_stage_has_its_day_and_what_stands_in_no_cell_is_below(visit: Visit, city: City) -> None:
    project = city.unit[41]  # with two sources
    page = visit(PERSON, city)
    open_month(page)
    cell(page, project, "stage").select_option(label="基础")
    expect(notes(page, project)).to_contain_text("请填实际到达“基础”的日期")
    detail = page.locator(".batch-detail:visible")
    detail.get_by_label("到达日期").fill("2012-07-10")
    detail.get_by_label("认定依据").fill("验槽记录")
    detail.get_by_label("累计到位：县级").fill("300")
    expect(page.locator("[data-help]")).to_have_text("到月底累计到位的县级资金，万元。")
    cell(page, project, "percent").focus()
    expect(page.locator("[data-help]")).to_contain_text("占整个项目的百分之几")
    detail.get_by_label("需要协调的事").fill("请供电局迁杆")
    expect(line(page, project).locator("[data-arrived]")).to_have_text("1,500.00")
    expect(line(page, project)).to_have_attribute("data-state", "changed")
    assert violations(page) == []
    saved(page)
    expect(page.locator("[data-save-state]")).to_contain_text("已自动保存")
    report = stored(project, PARTS).get()
    assert (report.stage_basis, report.help_wanted, report.arrived_county) == ("验槽记录", "请供电局迁杆", 300)


def test_a_lost_signal_loses_nothing_and_each_row_is_kept_once(visit: Visit, city: City) -> None:
    one, two = city.unit[20:22]
    page = visit(PERSON, city)
    open_month(page)
    page.context.set_offline(True)
    cell(page, one, "percent").fill("11")
    cell(page, two, "problem").fill("接入市政口待协调")
    expect(page.locator("[data-offline-strip]")).to_contain_text("没有信号")
    page.context.set_offline(False)
    saved(page)
    assert [(report.percent, report.version) for report in stored(one, PARTS)] == [(11, 1)]
    assert stored(two, PARTS).get().problem == "接入市政口待协调"
    expect(page.locator("[data-offline-strip]")).to_be_hidden()


def test_what_is_handed_in_without_a_signal_arrives_once(visit: Visit, city: City) -> None:
    one, two = city.unit[24:26]
    approved(two, WHOLE)
    page = visit(PERSON, city)
    open_month(page)
    # The first save arrives, its answer does not: what is handed in builds on it all the same.
    page.route(f"**/projects/months/{PARTS}/drafts/", _answer_nobody, times=1)
    cell(page, one, "percent").fill("13")
    expect(page.locator("[data-save-state]")).to_contain_text("已存在本机")
    page.context.set_offline(True)
    line(page, two).locator(".batch-state [data-mark]").click()
    page.locator("[data-submit]").click()
    page.locator("[data-ready]").click()
    expect(page.locator("[data-held]")).to_be_visible()
    assert not stored(two, PARTS).exists()
    # A signal that has just come back often fails the first request.
    page.route(f"**/projects/months/{PARTS}/drafts/", lambda route: route.abort(), times=1)
    with page.expect_navigation():
        page.context.set_offline(False)
    expect(page.locator("[data-offline-strip]")).to_contain_text("全部送达")
    reports = [stored(project, PARTS).get() for project in (one, two)]
    assert [(report.state, report.version) for report in reports] == [("submitted", 2), ("submitted", 1)]
    assert page.evaluate("Object.keys(localStorage).filter((key) => /outbox/.test(key))") == []
    line(page, two).get_by_role("button", name="撤回").click()
    expect(line(page, two)).to_have_attribute("data-state", "same")


def test_of_two_tabs_both_texts_are_shown(visit: Visit, city: City) -> None:
    project = city.unit[30]
    one = visit(PERSON, city)
    other = one.context.new_page()
    for page in (one, other):
        open_month(page)
    cell(one, project, "problem").fill("甲标签写的")
    saved(one)
    cell(other, project, "problem").fill("乙标签写的")
    expect(notes(other, project)).to_contain_text("甲标签写的")
    expect(notes(other, project)).to_contain_text("乙标签写的")
    expect(line(other, project)).to_have_attribute("data-state", "clash")
    notes(other, project).get_by_role("button", name="用我填的").click()
    saved(other)
    other.reload()
    expect(cell(other, project, "problem")).to_have_value("乙标签写的")


def test_a_time_out_loses_nothing(visit: Visit, city: City) -> None:
    one, two = city.unit[32:34]
    page = visit(PERSON, city)
    open_month(page)
    line(page, two).locator(".batch-state [data-mark]").click()
    page.context.clear_cookies(name="portal_session")
    cell(page, one, "problem").fill("写到一半")
    expect(page.locator("[data-save-state]")).to_contain_text("登录已过期")
    page.reload()
    page.get_by_label("用户名").fill(PERSON)
    page.get_by_label("密码", exact=True).fill(city.passwords[PERSON])
    page.get_by_role("button", name="登录").click()
    expect(cell(page, one, "problem")).to_have_value("写到一半")
    expect(line(page, two)).to_have_attribute("data-state", "same")
    saved(page)
    assert stored(one, PARTS).get().problem == "写到一半"


def test_marks_and_repairs_can_be_taken_back_and_views_chosen(visit: Visit, city: City) -> None:
    project = city.unit[36]
    page = visit(PERSON, city)
    open_month(page)
    cell(page, project, "percent").fill("18")
    expect(line(page, project)).to_have_attribute("data-state", "changed")
    line(page, project).locator(".batch-state [data-mark]").click()
    expect(cell(page, project, "percent")).to_have_value("10")
    page.locator(".toasts [data-undo]").click()
    expect(cell(page, project, "percent")).to_have_value("18")
    group = page.locator("tbody", has=line(page, project))
    group.locator("[data-rest-here]").click()
    expect(group.locator("[data-rest-here]")).to_be_hidden()
    page.locator(".toasts [data-undo]").last.click()
    expect(group.locator("[data-rest-here]")).to_be_visible()
    page.locator("[data-tab=changed]").click()
    expect(line(page, project)).to_be_visible()
    expect(line(page, city.unit[37])).to_be_hidden()
    page.locator("[data-tab='']").click()
    group.locator("[data-fold]").click()
    expect(line(page, project)).to_be_hidden()
    expect(page.locator("[data-submit]")).to_contain_text("提交审核（")


def test_on_a_phone_a_project_is_two_lines_and_the_rest_its_own_page(visit: Visit, city: City) -> None:
    project = city.unit[45]
    page = visit(PERSON, city, size=PHONE)
    open_month(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []
    line(page, project).get_by_role("button", name="没有变化").click()
    expect(line(page, project)).to_have_attribute("data-state", "same")
    expect(cell(page, project, "percent")).to_be_hidden()
    line(page, project).get_by_role("link").click()
    expect(page.get_by_label("形象进度")).to_have_value("10")


def test_nothing_is_wrong_with_the_page_for_those_who_hear_it(visit: Visit, city: City, watch: Watch) -> None:
    page = visit(PERSON, city)
    open_month(page)
    cell(page, city.unit[58], "arrived_city").fill("1,120")
    cell(page, city.unit[59], "percent").fill("85")
    expect(notes(page, city.unit[58])).to_contain_text("不能比上月少")
    expect(notes(page, city.unit[59])).to_contain_text("属实请写一句说明")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_one_press_takes_all_of_a_submission_back(visit: Visit, city: City) -> None:
    project = city.unit[48]
    page = visit(PERSON, city)
    open_month(page)
    cell(page, project, "percent").fill("14")
    for back in (page.locator(".toast-undo"), page.get_by_role("button", name="全部撤回")):
        page.locator("[data-submit]").click()
        page.locator("[data-ready]").click()
        expect(line(page, project)).to_have_attribute("data-state", "filed")
        back.click()
        expect(page.locator(".toasts")).to_contain_text("可以接着改")
        expect(line(page, project)).to_have_attribute("data-state", "changed")
        expect(cell(page, project, "percent")).to_have_value("14")
    assert [(report.state, report.version) for report in stored(project, PARTS)] == [("draft", 5)]


def _answer_nobody(route: Route) -> None:
    assert route.fetch().status == 200
    route.abort()
