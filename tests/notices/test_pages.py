"""Pages of notices: the bell, one's own list, what was sent and who has signed, Excel, history."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client

from accounts.models import User
from communities.models import ReportingUnit
from communities.roles import Role
from notices.actions import sign
from notices.models import Delivery
from tests.dashboards.pages import words
from tests.factories import make_user
from tests.notices.conftest import OUTSIDE, mail, tell

pytestmark = pytest.mark.django_db
PAGE = "/notices/"


@pytest.fixture
def clerk(units: dict[str, ReportingUnit]) -> User:
    return make_user(Role.COUNTY_ENTRY, unit=units["XC"], full_name="县里的人")


def listed(client: Client, query: str = "") -> list[str]:
    return [row.notice.title for row in client.get(f"{PAGE}{query}").context["page_obj"]]


def test_the_bell_counts_what_is_not_signed_on_every_page(clerk: User, as_user: Any) -> None:
    client = as_user(clerk)
    assert "badge-count" not in client.get("/communities/").content.decode()
    tell(clerk, kind=OUTSIDE)
    tell(clerk, step="2")
    text = client.get("/communities/").content.decode()
    assert '<span class="badge-count" aria-hidden="true">2</span>' in text and "通知，2 条未签收" in text
    sign(Delivery.objects.visible_to(clerk)[0], actor=clerk)
    assert "通知，1 条未签收" in client.get("/communities/").content.decode()


def test_unsigned_ones_come_first_then_the_newest(clerk: User, as_user: Any) -> None:
    for name in "甲乙丙丁":
        tell(clerk, make_user(), step=name, title=name)
    for name in "丁乙":
        sign(Delivery.objects.visible_to(clerk).get(notice__title=name), actor=clerk)
    client = as_user(clerk)
    assert listed(client) == ["丙", "甲", "丁", "乙"]
    assert (listed(client, "?signed=no"), listed(client, "?signed=yes")) == (["丙", "甲"], ["丁", "乙"])
    assert listed(client, "?kind=test.outside") == [] and len(listed(client, "?kind=test.plain")) == 4


def test_ones_own_list_holds_nobody_elses(clerk: User, as_user: Any) -> None:
    tell(make_user(), title="别人的", actor=clerk)
    for person in (clerk, make_user(Role.CITY_OFFICE), make_user()):
        text = words(as_user(person).get(PAGE).content.decode())
        assert "别人的" not in text and "这里没有通知" in text and "通知都签收了" in text


def test_signing_one_and_all_by_a_button(clerk: User, as_user: Any) -> None:
    for step in "123":
        tell(clerk, step=step)
    client, first = as_user(clerk), Delivery.objects.visible_to(clerk)[0]
    assert "有 3 条通知等你签收" in words(client.get(PAGE).content.decode())
    assert client.post(f"{PAGE}sign/{first.pk}/").headers["Location"] == PAGE
    stay = client.post(f"{PAGE}sign/{first.pk}/", {"stay": "1"})
    assert stay.headers["Location"] == first.get_absolute_url()
    assert Delivery.objects.visible_to(clerk).unsigned().count() == 2
    assert "已签收 2 条" in words(client.post(f"{PAGE}sign/", follow=True).content.decode())
    assert "没有要签收的" in words(client.post(f"{PAGE}sign/", follow=True).content.decode())


def test_others_find_no_button_to_press(clerk: User, as_user: Any) -> None:
    tell(clerk)
    row = mail(clerk)
    for person in (make_user(Role.CITY_OFFICE), make_user(Role.LEADER), make_user()):
        assert as_user(person).post(f"{PAGE}sign/{row.pk}/").status_code == 404
    assert mail(clerk).signed_at is None


def test_reading_the_page_alone_does_not_count_as_seen(clerk: User, as_user: Any) -> None:
    tell(clerk)
    client, row = as_user(clerk), mail(clerk)
    assert f'"keys": "{row.pk}"' in client.get(PAGE).content.decode() and mail(clerk).seen_at is None
    for keys in ("", "x", "²", f"{10**30}", "-1"):
        assert client.post(f"{PAGE}seen/", {"keys": keys}).status_code == 200
    assert mail(clerk).seen_at is None
    client.post(f"{PAGE}seen/", {"keys": f"{row.pk},x"})
    assert mail(clerk).seen_at is not None
    assert "notices/seen" not in client.get(PAGE).content.decode()


def test_the_recipient_reads_it_and_who_follows_it_reads_who_has_signed(clerk: User, as_user: Any) -> None:
    second, office = make_user(full_name="第二人"), make_user(Role.CITY_OFFICE)
    notice = tell(
        clerk, second, kind=OUTSIDE, body="第一行\n第二行", link="/projects/reports/", tone="bad", actor=office
    )
    sign(Delivery.objects.get(notice=notice, recipient=second, channel="portal"), actor=second)
    mine = words(as_user(clerk).get(notice.get_absolute_url()).content.decode())
    assert "第一行" in mine and "去办理" in mine and "签收" in mine and "紧急" in mine and "第二人" not in mine
    text = words(as_user(office).get(notice.get_absolute_url()).content.decode())
    assert "县里的人" in text and "第二人" in text and "已签收" in text and "未签收" in text and "电话" in text
    assert as_user(make_user()).get(notice.get_absolute_url()).status_code == 404


def test_what_was_sent_says_who_has_not_signed(clerk: User, as_user: Any) -> None:
    second, sender, office = make_user(full_name="第二人"), make_user(), make_user(Role.CITY_OFFICE)
    notice = tell(clerk, second, kind=OUTSIDE, actor=sender, title="催报甲")
    tell(clerk, step="2", title="自动乙")
    sign(Delivery.objects.get(notice=notice, recipient=second, channel="portal"), actor=second)
    rows = as_user(office).get(f"{PAGE}sent/").context["page_obj"]
    assert [(row.title, row.signed, row.people, row.unsigned_names) for row in rows] == [
        ("自动乙", 0, 1, "县里的人"),
        ("催报甲", 1, 2, "县里的人"),
    ]
    assert [row.title for row in as_user(sender).get(f"{PAGE}sent/").context["page_obj"]] == ["催报甲"]
    assert list(as_user(clerk).get(f"{PAGE}sent/").context["page_obj"]) == []
    assert "发出的" not in words(as_user(clerk).get(PAGE).content.decode())
    assert "发出的" in words(as_user(sender).get(PAGE).content.decode())
    sign(Delivery.objects.get(notice=notice, recipient=clerk, channel="portal"), actor=clerk)
    signed = as_user(office).get(f"{PAGE}sent/?signed=yes").context["page_obj"]
    assert [row.title for row in signed] == ["催报甲"]
    missing = as_user(office).get(f"{PAGE}sent/?signed=no").context["page_obj"]
    assert [row.title for row in missing] == ["自动乙"]


def test_the_sent_list_is_taken_out_as_excel(clerk: User, as_user: Any) -> None:
    tell(clerk, make_user(full_name="第二人"), title="催报甲", body="=1+1")
    response = as_user(make_user(Role.CITY_OFFICE)).get(f"{PAGE}sent/?export=xlsx")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    heads = next(line for line in lines if line[0] == "标题")
    row = dict(zip(heads, next(line for line in lines if line[0] == "催报甲"), strict=True))
    assert (row["内容"], row["发送人"], row["没签收的"]) == ("=1+1", "自动提醒", "县里的人、第二人")
    assert (row["发给（人）"], row["已签收（人）"]) == (2, 0)


def test_history_shows_the_signature_and_to_a_recipient_only_their_own(clerk: User, as_user: Any) -> None:
    second, office = make_user(full_name="第二人"), make_user(Role.CITY_OFFICE)
    notice = tell(clerk, second)
    client = as_user(clerk)
    client.post(f"{PAGE}sign/{mail(clerk).pk}/")
    mine = words(client.get(f"{notice.get_absolute_url()}history/").content.decode())
    assert "签收时间" in mine and "第二人" not in mine
    assert "第二人" in words(as_user(office).get(f"{notice.get_absolute_url()}history/").content.decode())


def test_pages_of_twenty(clerk: User, as_user: Any) -> None:
    for step in range(21):
        tell(clerk, step=str(step), title=f"第{step}条")
    client = as_user(clerk)
    assert len(listed(client)) == 20 and listed(client, "?page=2") == ["第0条"]


def test_a_person_without_a_role_still_has_their_mail(as_user: Any) -> None:
    person = make_user()
    tell(person, title="给没有岗位的人")
    assert "给没有岗位的人" in words(as_user(person).get(PAGE).content.decode())
