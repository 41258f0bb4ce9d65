"""The first page in a browser: it becomes a look once it is in view."""

from __future__ import annotations

from accounts.models import User
from dashboards.models import LastLook
from tests.browser.city import City
from tests.browser.conftest import PHONE, Visit


def test_a_page_in_view_is_remembered_as_a_look(visit: Visit, city: City) -> None:
    person = User.objects.get(username="xn_entry")
    before = LastLook.objects.filter(user=person).values_list("looked_at", flat=True).first()
    page = visit("xn_entry", city, size=PHONE)
    with page.expect_response("**/dashboards/home/looked/") as answer:
        page.goto("/dashboards/home/")
    assert answer.value.status == 200
    after = LastLook.objects.get(user=person).looked_at
    assert before is None or after > before
