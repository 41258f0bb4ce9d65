"""Every refusal and every fault has a page in plain Chinese, with a number, and without the database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from communities.models import ReportingUnit
from communities.roles import Role
from core.incidents import bad_request, csrf_refused, error_page, server_error
from tests import factories

STATUSES = (400, 403, 404, 409, 413, 429, 500, 503)


@pytest.fixture
def request_() -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.incident = "7F3A01"  # type: ignore[attr-defined]
    return request


def heading(page: HttpResponse) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.content.decode(), re.DOTALL)
    return found[1].strip() if found else ""


@pytest.mark.parametrize("status", STATUSES)
def test_each_page_stands_alone_speaks_chinese_and_has_the_number(request_: HttpRequest, status: int) -> None:
    page = error_page(request_, status)
    assert page.status_code == status
    assert "7F3A01" in page.content.decode()
    assert re.search(r"[一-鿿]", heading(page))


def test_the_pages_say_different_things(request_: HttpRequest) -> None:
    assert len({heading(error_page(request_, status)) for status in STATUSES}) == len(STATUSES)


def test_a_page_that_was_open_too_long_is_no_lack_of_rights(request_: HttpRequest) -> None:
    page = csrf_refused(request_, reason="CSRF cookie not set.")
    assert page.status_code == 403
    assert heading(page) == "页面放得太久了"
    text = page.content.decode()
    assert "刷新后再提交" in text and "岗位" not in text and "CSRF" not in text


@pytest.mark.parametrize(
    ("error", "status"), [(RequestDataTooBig(), 413), (TooManyFieldsSent(), 413), (SuspiciousOperation(), 400)]
)
def test_too_much_is_told_from_wrong(request_: HttpRequest, error: Exception, status: int) -> None:
    assert bad_request(request_, error).status_code == status


@pytest.mark.parametrize(("error", "status"), [(OperationalError(), 503), (InterfaceError(), 503), (ValueError(), 500)])
def test_a_lost_database_is_told_from_a_fault(request_: HttpRequest, error: Exception, status: int) -> None:
    try:
        raise error
    except Exception:  # the handler looks at the error in hand, as Django calls it
        page = server_error(request_)
    assert page.status_code == status


@pytest.mark.django_db
def test_a_body_that_is_too_large_gets_the_413_page(
    units: dict[str, ReportingUnit], as_user: Any, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client: Client = as_user(factories.make_user(Role.CITY_OFFICE))
    client.raise_request_exception = False
    page = client.post("/communities/new/", {"name": "长" * 2000})
    assert page.status_code == 413
    assert "编号" in page.content.decode()


@pytest.mark.django_db
def test_a_wrong_method_keeps_its_status_and_says_what_is_allowed(as_user: Any) -> None:
    client: Client = as_user(factories.make_user(administrator="system"))
    page = client.delete("/jobs/")
    assert page.status_code == 405
    assert "GET" in page["Allow"]
    assert "编号" in page.content.decode()


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_refused_before_it_reaches_the_disk(
    as_user: Any, settings: Any, tmp_path: Path
) -> None:
    settings.REQUEST_MAX_BYTES, settings.FILE_UPLOAD_TEMP_DIR = 3 * 1024 * 1024, tmp_path / "missing"
    client: Client = as_user(factories.make_user(Role.CITY_OFFICE))
    page = client.post("/exchange/new/", {"file": SimpleUploadedFile("表.xlsx", b"0" * 3 * 1024 * 1024)})
    assert page.status_code == 413
    assert "不能超过 3 MB" in page.content.decode() and "5 MB" not in page.content.decode()
