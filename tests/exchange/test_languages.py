"""Whoever reads an upload reads its reasons in their own language, whatever language found them."""

from __future__ import annotations

import io
import random
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from communities.models import Community
from core.history import events_of
from core.sentences import told
from exchange import staging
from exchange.models import Batch, StagedRow
from exchange.registry import get
from exchange.returned import red_file
from tests.exchange import dirty
from tests.exchange.conftest import HAN, HEADS, apply, table, upload, without_values

pytestmark = pytest.mark.django_db

CODES = [column.code for column in get("communities").columns]
WRONG = {"编号": "XC-P-001", "名称": "金桥社区", "户数": "四百", "区位": "月球"}


def page_of(client: Any, batch: Batch, language: str) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page: str = client.get(batch.get_absolute_url()).content.decode()
    return page


def test_the_page_gives_the_reasons_in_the_readers_language(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch, client = upload(clerk, table(WRONG)), as_user(clerk)
    chinese, english = page_of(client, batch, "zh-hans"), page_of(client, batch, "en")
    assert "“四百”不是数字。只填数字，不写文字。" in chinese and "没有“月球”这一项。可填：城市新建住宅区、" in chinese
    for word in ("不是数字", "这一项", "可填", "城中村"):
        assert word not in english


def test_the_api_gives_them_so_too(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch, client = upload(clerk, table(WRONG)), as_user(clerk)

    def problems(language: str) -> list[dict[str, str]]:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        answer = client.get(reverse("api:import-rows-list"), {"batch": batch.pk}).json()
        found: list[dict[str, str]] = answer["results"][0]["problems"]
        return found

    chinese, english = problems("zh-hans"), problems("en")
    assert [each["column"] for each in chinese] == [each["column"] for each in english] == ["area_kind", "households"]
    assert chinese[1] == {"column": "households", "message": "“四百”不是数字。只填数字，不写文字。"}
    assert "四百" in english[1]["message"] and "数字" not in english[1]["message"]


def test_the_workbook_that_comes_back_does_and_is_known_again(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, table(WRONG))
    with translation.override("en"):
        content = red_file(batch).read()
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    assert (sheet.cell(1, len(HEADS) + 1).value, "数字" in sheet.cell(2, len(HEADS) + 1).value) == ("Reason", False)
    again: Any = openpyxl.load_workbook(red_file(upload(clerk, content))).active
    assert again.max_column == len(HEADS) + 1
    assert "不是数字" in again.cell(2, len(HEADS) + 1).value


def test_why_nothing_was_taken_over_is_told_in_both(clerk: Any, place: Any, as_user: Any) -> None:
    known = place("XC-P-001", "金桥社区", households=400)
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420}))
    Community.objects.filter(pk=known.pk).update(version=2, households=410)
    batch = apply(batch, clerk)
    assert "没有导入，一行也没有写。第 2 行：“金桥社区”刚刚被别人改过。" in batch.trouble
    client = as_user(clerk)
    assert batch.trouble in page_of(client, batch, "zh-hans")
    assert "一行也没有写" not in page_of(client, batch, "en")
    with translation.override("en"):
        in_english = Batch.objects.get(pk=batch.pk)
        assert "金桥社区" in in_english.trouble and "改过" not in in_english.trouble
        event: Any = events_of(batch).last()
        assert event.trouble == in_english.trouble
        # Saved by somebody who reads English, it is still a sentence for everybody.
        in_english.save()
    assert Batch.objects.get(pk=batch.pk).trouble == batch.trouble


def test_reasons_of_before_read_as_they_were_written(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, table(WRONG))
    sentence = "进度 85%，阶段是“主体施工”。"
    StagedRow.objects.filter(batch=batch).update(problems=[{"column": "households", "message": sentence}])
    Batch.objects.filter(pk=batch.pk).update(trouble="没有读成。")
    for language in ("zh-hans", "en"):
        page = page_of(as_user(clerk), batch, language)
        assert sentence in page and "没有读成。" in page


def test_what_is_offered_in_english_is_taken(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", area_kind="fringe")
    with translation.override("en"):
        label = str(Community(area_kind="urban_village").get_area_kind_display())
    assert not HAN.search(label)
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "区位": label}))
    assert (batch.changed, batch.rejected) == (1, 0)
    assert batch.rows.get().values["area_kind"] == "urban_village"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(dirty.FAULTS)), st.integers(0, 10**6))
def test_every_kind_of_fault_has_an_english_text(clerk: Any, place: Any, kind: str, seed: int) -> None:
    if not Community.objects.exists():
        place("XC-P-001", "金桥社区")
    head, make, words = dirty.FAULTS[kind]
    row = {"code": "XC-P-001", "name": "金桥社区", "latitude": 31.2 if head == "经度" else None}
    row[CODES[HEADS.index(head)]] = _read(make(random.Random(seed)))
    batch = Batch(target="communities", place="XC", layout={"columns": dict.fromkeys(CODES, 1)})
    judged = staging.judge(batch, get("communities"), [(2, row)], clerk)[0]
    assert any(words in told(problem) for problem in judged.problems), judged.problems
    with translation.override("en"):
        for problem in judged.problems:
            assert not HAN.search(without_values(problem)), problem


@pytest.mark.parametrize("kind", sorted(dirty.FAULTS))
def test_no_kind_is_left_out(clerk: Any, place: Any, kind: str) -> None:
    test_every_kind_of_fault_has_an_english_text.hypothesis.inner_test(clerk, place, kind, 1)  # type: ignore[attr-defined]


def _read(value: Any) -> Any:
    """A value of the generator as the child that reads workbooks gives it."""
    if value == "#REF!":
        return {"e": value}
    return {"f": True} if isinstance(value, str) and value.startswith("=") else value
