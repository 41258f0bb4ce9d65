"""The card of a community on paper: one sheet of A4, with what it rests on and who printed it."""

from __future__ import annotations

import re

from tests.browser.city import City
from tests.browser.conftest import Visit


def test_the_card_is_one_sheet(visit: Visit, city: City) -> None:
    """A community with six projects and many gaps fits; navigation and buttons are not on the paper."""
    page = visit("city", city)
    page.goto(f"/dashboards/communities/{city.sites[0].community_id}/card/")
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheets)) == 1
    width, height = (float(side) for side in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheets)[0])
    assert (round(width), round(height)) == (595, 842), "A4 upright"
    page.emulate_media(media="print")
    assert page.locator(".sheet").is_visible()
    for gone in (".site-nav", ".top-bar", ".page-actions"):
        assert not page.locator(gone).first.is_visible()
    foot = page.locator(".sheet-foot").inner_text()
    assert "口径" in foot and "打印" in foot and "示例数据" in foot
