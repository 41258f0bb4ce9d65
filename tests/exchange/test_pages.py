"""The pages as a clerk goes through them, and what must not be lost or left behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from communities.models import Community
from core import attachments
from exchange import actions, progress
from exchange.models import FOLDER, Batch
from jobs.models import Job
from tests.exchange.conftest import stored_files, table, upload, work_off, worked
from tests.factories import make_month

pytestmark = pytest.mark.django_db


def send(client: Any, content: bytes, name: str = "我的 表.xlsx") -> Any:
    return client.post(reverse("exchange:upload"), {"file": SimpleUploadedFile(name, content)})


def test_from_template_to_undo(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    client = as_user(clerk)
    assert "还没有导入过" in client.get(reverse("exchange:list")).content.decode()
    answer = send(client, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420}))
    batch = Batch.objects.get()
    assert answer["Location"] == batch.get_absolute_url()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "排队等后台处理" in page and "every 2s" in page
    work_off()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "1 行里有 1 行要导入" in page and "导入 1 行" in page and "400" in page and "420" in page
    client.post(reverse("exchange:apply", args=[batch.pk]))
    work_off()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "1 行已导入" in page and "撤回这次导入" in page
    client.post(reverse("exchange:undo", args=[batch.pk]))
    work_off()
    assert "1 行已撤回" in client.get(batch.get_absolute_url()).content.decode()
    assert Community.objects.get().households == 400


def test_a_rejected_cell_is_told_with_its_address_and_content(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": "多<b>"}))
    page = as_user(clerk).get(batch.get_absolute_url()).content.decode()
    assert "<b>H2</b> 户数" in page and "多&lt;b&gt;" in page and "下载有错的行" in page
    assert "导入 0 行" not in page


def test_the_page_looks_again_by_itself_until_it_is_done(clerk: Any, as_user: Any) -> None:
    batch = upload(clerk, table({"名称": "甲"}))
    background = {"X-Background": "yes"}
    assert as_user(clerk).get(batch.get_absolute_url(), headers=background)["HX-Refresh"] == "true"
    Batch.objects.filter(pk=batch.pk).delete()
    waiting = actions.upload(
        actor=clerk, target="communities", place="XC", file=ContentFile(b"a,b\n"), name="a.csv", size=4
    )
    answer = as_user(clerk).get(waiting.get_absolute_url(), headers=background)
    assert "HX-Refresh" not in answer
    Job.objects.all().update(state="parked", finished_at=timezone.now())
    assert "停下了" in as_user(clerk).get(waiting.get_absolute_url()).content.decode()


def test_progress_is_seen_while_it_lasts(clerk: Any, as_user: Any) -> None:
    batch = actions.upload(
        actor=clerk, target="communities", place="XC", file=ContentFile(b"a,b\n"), name="a.csv", size=4
    )
    progress.report(batch.pk, 500, 2000)
    assert progress.read(batch.pk) == (500, 2000)
    assert progress.read(batch.pk + 1) is None
    page = as_user(clerk).get(batch.get_absolute_url()).content.decode()
    assert "<b>500</b> / 2,000" in page


def test_downloads_are_in_the_audit_log_and_never_shown_inline(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": "多"}), name="a/../表.xlsx")
    assert batch.original_name == "表.xlsx"
    assert "表" not in str(batch.original.name)
    for name in ("original", "red", "template"):
        args = [] if name == "template" else [batch.pk]
        answer = as_user(clerk).get(reverse(f"exchange:{name}", args=args))
        assert answer["Content-Disposition"].startswith("attachment")
        assert b"".join(answer.streaming_content).startswith(b"PK")
        assert AuditEntry.objects.filter(verb="exported", target=reverse(f"exchange:{name}", args=args)).exists()


def test_a_batch_without_rejected_rows_has_no_red_file(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区"}))
    assert as_user(clerk).get(reverse("exchange:red", args=[batch.pk])).status_code == 404


def test_a_changed_original_is_not_read(clerk: Any) -> None:
    content = b"a,b\n"
    batch = actions.upload(
        actor=clerk, target="communities", place="XC", file=ContentFile(content), name="a.csv", size=4
    )
    default_storage.delete(str(batch.original.name))
    default_storage.save(str(batch.original.name), ContentFile(b"c,d\n"))
    batch = worked(batch)
    assert (batch.state, "与上传时不一致" in batch.trouble) == ("refused", True)


def test_no_row_no_file(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "enqueue", fail)
    with pytest.raises(RuntimeError):
        upload(clerk, table({"名称": "甲"}))
    assert (stored_files(), Batch.objects.count()) == ([], 0)


def test_files_that_a_crash_left_are_swept_and_others_are_not(clerk: Any) -> None:
    batch = upload(clerk, table({"名称": "甲"}))
    orphan = default_storage.save(f"{FOLDER}/orphan.xlsx", ContentFile(b"x"))
    assert attachments.sweep().removed == [], "it may be being uploaded"
    assert attachments.sweep(timezone.now() + dt.timedelta(days=2)).removed == [orphan]
    assert stored_files() == [str(batch.original.name)]


def test_while_no_month_is_open_there_is_nothing_to_fill_in_or_send(clerk: Any, as_user: Any) -> None:
    page = as_user(clerk).get(f"{reverse('exchange:upload')}?target=month&place=XC")
    said = page.content.decode()
    assert "现在没有填报中的期间" in said and "开放月份后" in said
    assert "下载模板</a>" not in said and 'type="file"' not in said
    make_month(2013, 12)
    said = as_user(clerk).get(f"{reverse('exchange:upload')}?target=month&place=XC&scope=2013-12").content.decode()
    assert 'type="file"' in said and "现在没有填报中的期间" not in said
