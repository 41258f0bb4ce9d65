"""A photo with the report in real Chromium: only where the stage asks, once after a lost connection, then reviewed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from facilities.models import Photo
from tests.browser.axe import violations
from tests.browser.city import City
from tests.browser.conftest import PHONE, Visit
from tests.browser.filing import form_of, open_in_inbox, percent, submit
from tests.browser.watch import Watch
from tests.pictures import exif, photo


def test_a_photo_from_the_phone_to_the_reviewer(visit: Visit, city: City, watch: Watch, tmp_path: Path) -> None:
    watch.allowed_status = {400}
    project = city.sites[6]
    (tmp_path / "site.jpg").write_bytes(photo(11, exif=exif()))
    (tmp_path / "notes.jpg").write_bytes(b"no picture")
    county = visit("xn_entry", city, size=PHONE)
    county.goto(form_of(project))
    said = county.locator("[data-photo-said]")

    county.get_by_label("阶段", exact=True).select_option(label="基础")
    expect(county.get_by_text("这个阶段不需要照片")).to_be_visible()
    expect(county.get_by_label("选一张")).to_be_hidden()
    county.get_by_label("阶段", exact=True).select_option(label="动工")
    percent(county).fill("12")

    _send(county, tmp_path / "notes.jpg")
    expect(said).to_contain_text("不是图片")

    county.get_by_label("从哪里拍的").fill("东门")
    county.route("**/photos/", lambda route: route.abort())
    _send(county, tmp_path / "site.jpg")
    expect(said).to_contain_text("没有信号")
    county.unroute("**/photos/")
    county.get_by_role("button", name="传这张").click()
    expect(said).to_contain_text("照片已传上")
    assert Photo.objects.filter(project=project).count() == 1
    expect(county.locator(".photo-tiles img")).to_have_count(1)
    expect(percent(county)).to_have_value("12")
    assert violations(county) == []

    submit(county)
    expect(county.locator(".toasts")).to_contain_text("已提交")
    reviewer = visit("xn_review", city)
    open_in_inbox(reviewer, project)
    expect(reviewer.locator(".review-photos")).to_contain_text("东门")
    assert violations(reviewer) == []
    reviewer.locator(".review-photos a").first.click()
    expect(reviewer.locator(".photo-large img")).to_be_visible()
    with reviewer.expect_download() as taken:
        reviewer.get_by_role("link", name="下载原件").click()
    assert taken.value.path().read_bytes() == (tmp_path / "site.jpg").read_bytes()
    assert violations(reviewer) == []


def _send(page: Page, file: Path) -> None:
    page.get_by_label("选一张").set_input_files(file)
    page.get_by_role("button", name="传这张").click()
