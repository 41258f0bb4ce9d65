"""Error pages: plain words and a number that an administrator can look up in the log."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

logger = logging.getLogger("portal.incident")

# What a page says at length.
_IN_SHORT = {
    400: _lazy("这个请求看不懂。"),
    403: _lazy("你的岗位不能这样做。"),
    404: _lazy("没有这个地址，或你看不到。"),
    413: _lazy("一次提交的内容不能超过 5 MB。"),
    500: _lazy("门户出错了，已记下。带着编号告诉管理员。"),
    503: _lazy("门户暂时忙不过来，过几秒再试。"),
}


class IncidentMiddleware:
    """Gives every request a short number; it stands in the log and on every error page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.incident = secrets.token_hex(3).upper()  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code in (404, 405, 413, 429) and not response.content and not response.streaming:
            return _with_page(request, response)
        return response


def _with_page(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    """A bare refusal with words: a wrong method reads like a missing page, and keeps its status and headers."""
    page = error_page(request, 404 if bare.status_code == 405 else bare.status_code)
    page.status_code = bare.status_code
    for name, value in bare.headers.items():
        page.headers.setdefault(name, value)
    return page


def error_page(request: HttpRequest, status: int, message: str = "", heading: str = "") -> HttpResponse:
    """The page for an HTTP status, with the request's incident number. Needs neither database nor session.

    `heading` replaces that of the status, where the same status has another cause. A program gets JSON.
    """
    incident = getattr(request, "incident", "000000")
    logger.log(logging.ERROR if status >= 500 else logging.INFO, "%s %s %s", incident, status, request.path)
    if is_for_programs(request):
        detail = message or _IN_SHORT.get(status, _("这个请求没有办成。"))
        response: HttpResponse = JsonResponse({"detail": detail, "field": None, "incident": incident}, status=status)
        return _with_patience(response)
    shown = {"incident": incident, "message": message, "status": status, "heading": heading}
    body = render_to_string(f"errors/{status}.html", shown)
    return _with_patience(HttpResponse(body, status=status))


def _with_patience(response: HttpResponse) -> HttpResponse:
    if response.status_code in (429, 503):
        response["Retry-After"] = "10"
    return response


def is_for_programs(request: HttpRequest) -> bool:
    """Whether an address belongs to the API: its refusals are JSON there, never a page and never a redirect."""
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    status = 413 if type(exception).__name__ in ("RequestDataTooBig", "TooManyFieldsSent") else 400
    return error_page(request, status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return error_page(request, 403, str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404. Says the same for what is missing and what this person may not see."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. A lost database is a 503: the request may be repeated in a moment."""
    return error_page(request, 503 if _is_lost_database(sys.exc_info()[1]) else 500)


def _is_lost_database(error: BaseException | None) -> bool:
    """Whether the database went away, here or in what this error was raised over.

    A connection that breaks in the middle of an answer is told as a bare DatabaseError; and what a block does on its
    way out of a broken transaction fails for that reason alone.
    """
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
            return True
        error = error.__cause__ or error.__context__
    return False


def csrf_refused(request: HttpRequest, reason: str = "", **more: Any) -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return error_page(request, 403, _("请返回上一页，刷新后再提交。"), heading=_("页面放得太久了"))
