"""Pages that no link leads to: before the door, at the door, behind a mistake; and an inbox with something in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import STEPPED, UNCHANGED, City
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.faults import faults_of
from tests.browser.watch import Watch

SIZES = {"desk": DESK, "phone": PHONE}
GUESSES = 5
both_sizes = pytest.mark.parametrize("size", SIZES)


@both_sizes
@pytest.mark.parametrize("address", ["/accounts/login/", "/dev/components/"])
def test_pages_that_no_link_leads_to(address: str, size: str, visit: Visit, city: City) -> None:
    page = visit(size=SIZES[size]) if "login" in address else visit("city", city, size=SIZES[size])
    page.goto(address)
    assert faults_of(page) == []


def test_an_error_page_is_a_page(visit: Visit, watch: Watch) -> None:
    watch.allowed_status = {404}
    page = visit(size=PHONE)
    answer = page.goto("/no-such-page/")
    assert answer is not None
    assert answer.status == 404
    assert faults_of(page, skip_link=False, always=True) == []


@both_sizes
def test_a_wrong_password_and_a_locked_door(size: str, visit: Visit, watch: Watch) -> None:
    watch.allowed_status = {429}
    page = visit(size=SIZES[size])
    page.goto("/accounts/login/")
    for guess in range(GUESSES):
        _fill_in(page, f"nobody-{size}", "Wrong-guess-1")
        page.wait_for_load_state()
        if guess == 0:
            expect(page.get_by_role("alert")).to_be_visible()
            assert faults_of(page, always=True) == []
    expect(page.get_by_role("heading", level=1)).to_have_text("已锁定")
    assert faults_of(page, always=True) == []


@both_sizes
def test_a_password_that_must_be_changed_and_one_that_will_not_do(size: str, visit: Visit, city: City) -> None:
    page = visit(UNCHANGED, city, size=SIZES[size])
    page.goto("/communities/")
    assert page.url.endswith("/password/change/")
    assert faults_of(page, always=True) == []
    page.get_by_label("现在的密码").fill(city.passwords[UNCHANGED])
    for field in page.locator("main input[type=password]").all()[1:]:
        field.fill("short")
    page.locator("main button[type=submit], main button:not([type])").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    assert faults_of(page, always=True) == []


@both_sizes
def test_the_second_step_and_a_wrong_code(size: str, visit: Visit, city: City) -> None:
    page = visit(size=SIZES[size])
    page.goto("/accounts/login/")
    _fill_in(page, STEPPED, city.passwords[STEPPED])
    page.wait_for_url("**/2fa/authenticate/")
    assert faults_of(page, always=True) == []
    page.locator("main input[name=code]").fill("000000")
    page.locator("main button").first.click()
    expect(page.locator("main")).to_contain_text("验证码")
    assert faults_of(page, always=True) == []


@both_sizes
def test_activating_a_second_factor(size: str, visit: Visit, city: City) -> None:
    page = visit("deputy", city, size=SIZES[size])
    page.goto("/accounts/2fa/totp/activate/")
    expect(page.locator("main input[name=code]")).to_be_visible()
    assert faults_of(page, always=True) == []


@both_sizes
def test_a_form_that_is_sent_back(size: str, visit: Visit, city: City, watch: Watch) -> None:
    """422: what was entered with what is wrong. 409: both texts, since somebody else was quicker."""
    watch.allowed_status = {409, 422}
    page = visit("city", city, size=SIZES[size])
    other = page.context.new_page()
    address = f"{city.sites[6].get_absolute_url()}edit/"
    for each in (page, other):
        each.goto(address)
    page.get_by_label("名称", exact=True).fill("")
    _send(page, 422)
    assert faults_of(page, always=True) == []
    page.get_by_label("名称", exact=True).fill(f"月报项目6 {size} 甲")
    page.locator(".form-foot .btn-primary").click()
    page.wait_for_url(lambda url: not url.endswith("/edit/"))
    other.get_by_label("名称", exact=True).fill(f"月报项目6 {size} 乙")
    _send(other, 409)
    expect(other.locator("main")).to_contain_text(f"月报项目6 {size} 甲")
    assert faults_of(other, always=True) == []


@both_sizes
def test_an_inbox_with_reports_that_wait(size: str, visit: Visit, city: City) -> None:
    page = visit("xc_review", city, size=SIZES[size])
    page.goto("/projects/review/")
    rows = page.locator(".review-rows a")
    assert rows.count() >= 2
    assert faults_of(page, "xc_review", always=True) == []
    rows.first.click()
    expect(page.locator("#detail-title")).to_be_visible()
    assert faults_of(page, "xc_review", always=True) == []


def _fill_in(page: Page, username: str, password: str) -> None:
    """The sign-in form, sent."""
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()


def _send(page: Page, status: int) -> None:
    """Press the button past the browser's own checks; the server answers with `status`."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.locator(".form-foot .btn-primary").click()
    assert answer.value.status == status
    page.wait_for_load_state()


def test_filters_wait_behind_a_button_on_a_phone_alone(visit: Visit, city: City) -> None:
    page = visit("city", city, size=DESK)
    page.goto("/projects/")
    chips, unfold = page.locator(".filters .chip"), page.locator("[data-unfold]")
    expect(chips.first).to_be_visible()
    expect(unfold).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(chips.first).to_be_hidden()
    unfold.click()
    expect(chips.first).to_be_visible()
    page.get_by_label("单位：").select_option("XC")
    page.wait_for_url("**unit=XC**")
    expect(page.locator(".chip.is-active")).to_be_visible()
    expect(page.locator(".chip:not(.is-active)").first).to_be_hidden()
    assert faults_of(page, always=True) == []


def test_without_scripts_no_filter_is_folded_away(visit: Visit, city: City) -> None:
    page = visit("city", city, size=PHONE)
    page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.goto("/projects/")
    expect(page.locator(".filters .chip").first).to_be_visible()
    expect(page.locator("[data-unfold]")).to_be_hidden()
