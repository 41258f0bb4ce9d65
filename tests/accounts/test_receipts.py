"""Double submission: the same request with the same key is done once, and answered every time."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import Context, Template
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from accounts import receipts
from accounts.models import AuditEntry, Receipt, User
from tests import factories
from tests.accounts import urls as base
from tests.conftest import BACKEND

KEY = "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"
ROWS = AuditEntry.objects.filter(target="made")


def add(request: HttpRequest) -> HttpResponse:
    """Adds a row and answers as asked."""
    row = AuditEntry.objects.create(verb="account", target="made")
    answers: dict[str, Any] = {
        "there": lambda: HttpResponseRedirect(f"/rows/{row.pk}/"),
        "json": lambda: JsonResponse({"row": row.pk}, status=201, headers={"ETag": '"v1"'}),
        "page": lambda: TemplateResponse(request, "errors/404.html", {"message": "写好了"}),
        "refuse": lambda: HttpResponse("不行", status=422),
        "secret": lambda: receipts.only_once(HttpResponse("一次性密码")),
    }
    wanted = request.POST.get("answer", "there")
    if wanted == "forbid":
        raise PermissionDenied
    response: HttpResponse = answers[wanted]()
    return response


urlpatterns = [*base.urlpatterns, path("add/", add, name="add"), path("other/", add, name="other")]


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def client(person: User) -> Client:
    made = Client(raise_request_exception=False)
    made.force_login(person, backend=BACKEND)
    return made


def post(client: Client, answer: str = "there", key: str = KEY, url: str = "/add/", **more: Any) -> Any:
    return client.post(url, {"answer": answer, "request_key": key, **more})


def test_without_a_key_every_request_is_its_own(client: Client) -> None:
    for _ in range(2):
        client.post("/add/")
    assert ROWS.count() == 2
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("answer", ["there", "json", "page"])
def test_the_same_request_gets_the_same_answer(client: Client, answer: str) -> None:
    first, second = post(client, answer), post(client, answer)
    assert ROWS.count() == 1
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers.get("Location") == second.headers.get("Location")
    assert first.headers.get("ETag") == second.headers.get("ETag")


def test_another_content_or_place_with_the_same_key_is_refused_in_words(client: Client) -> None:
    post(client)
    for again in (post(client, note="别的"), post(client, url="/other/")):
        assert again.status_code == 422
        assert "同一个编号" in again.content.decode()
    assert ROWS.count() == 1


def test_a_renewed_token_of_the_page_is_no_other_content(client: Client) -> None:
    post(client, csrfmiddlewaretoken="one")
    assert post(client, csrfmiddlewaretoken="two").status_code == 302
    assert ROWS.count() == 1


@pytest.mark.parametrize(("answer", "status"), [("refuse", 422), ("forbid", 403)])
def test_a_failed_try_writes_nothing_and_frees_the_key(client: Client, answer: str, status: int) -> None:
    assert post(client, answer).status_code == status
    assert not ROWS.exists()
    assert not Receipt.objects.exists()
    assert post(client).status_code == 302
    assert ROWS.count() == 1


def test_a_refusal_is_audited_all_the_same(client: Client) -> None:
    post(client, "forbid")
    assert AuditEntry.objects.filter(verb="refused", target="/add/").count() == 1


def test_a_secret_is_not_kept_and_not_shown_again(client: Client) -> None:
    assert post(client, "secret").content.decode() == "一次性密码"
    again = post(client, "secret")
    assert again.status_code == 409
    assert "一次性密码" not in again.content.decode()
    assert Receipt.objects.get().body is None
    assert ROWS.count() == 1


def test_keys_belong_to_persons(client: Client) -> None:
    post(client)
    other = Client()
    other.force_login(factories.make_user(), backend=BACKEND)
    assert post(other).status_code == 302
    assert ROWS.count() == 2


@pytest.mark.parametrize("key", ["abc", "%00", "\0", "9" * 21])
def test_a_key_that_is_none_is_refused(client: Client, key: str) -> None:
    assert post(client, key=key).status_code == 400
    assert not ROWS.exists()


def test_the_header_comes_before_the_field(client: Client) -> None:
    """A page that saves a draft again and again gives each its own key, whatever the form carries."""
    for _ in range(2):
        client.post("/add/", {"request_key": KEY}, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert ROWS.count() == 2


def test_sign_in_takes_no_keys(client: Client) -> None:
    """A wrong guess must stay counted, whatever its answer."""
    client.post("/accounts/reauthenticate/", {"password": "wrong", "request_key": KEY})
    assert not Receipt.objects.exists()
    assert AuditEntry.objects.filter(verb="sign_in_failed").exists()


def test_old_receipts_are_forgotten(client: Client) -> None:
    post(client)
    assert receipts.clean() == 0
    assert receipts.clean(timezone.now() + dt.timedelta(days=31)) == 1


def test_the_tag_gives_a_new_key_each_time() -> None:
    template = Template("{% load ui %}{% request_key %}")
    one, two = template.render(Context()), template.render(Context())
    assert 'name="request_key"' in one
    assert one != two


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one(client: Client, person: User) -> None:
    """20 parallel identical posts: one row, and the same answer for all."""
    barrier, answers = threading.Barrier(20), list[tuple[int, str]]()

    def press() -> None:
        mine = Client()
        mine.cookies = client.cookies
        barrier.wait()
        try:
            response = post(mine)
            answers.append((response.status_code, response["Location"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ROWS.count() == 1
    assert answers == [(302, f"/rows/{ROWS.get().pk}/")] * 20
