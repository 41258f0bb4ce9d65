"""Error pages: plain words and a number that an administrator can look up in the log."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

logger = logging.getLogger("portal.incident")


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

    `heading` replaces that of the status, where the same status has another cause.
    """
    incident = getattr(request, "incident", "000000")
    logger.log(logging.ERROR if status >= 500 else logging.INFO, "%s %s %s", incident, status, request.path)
    shown = {"incident": incident, "message": message, "status": status, "heading": heading}
    body = render_to_string(f"errors/{status}.html", shown)
    response = HttpResponse(body, status=status)
    if status in (429, 503):
        response["Retry-After"] = "10"
    return response


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
    error = sys.exc_info()[1]
    return error_page(request, 503 if isinstance(error, OperationalError | InterfaceError) else 500)


def csrf_refused(request: HttpRequest, reason: str = "", **more: Any) -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return error_page(request, 403, _("请返回上一页，刷新后再提交。"), heading=_("页面放得太久了"))
