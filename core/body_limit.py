"""A bound on what one request may send, before anything is written to disk.

Django bounds what it holds in memory; a file it spools to disk whole, whatever its size, before a form can look at it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.incidents import error_page

_CHUNK = 64 * 1024
# A browser shows the answer only after it could send everything; beyond this many times the bound it is hung up on.
_PATIENCE = 5


class BodyLimitMiddleware:
    """Refuses a body of more than `settings.REQUEST_MAX_BYTES` with 413; it is read past, never kept.

    The length is what the request declares: the server hands on no more than that, and nothing of an undeclared length.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        declared, most = _declared(request), settings.REQUEST_MAX_BYTES
        if declared <= most:
            return self.get_response(request)
        if declared <= most * _PATIENCE:
            while request.read(_CHUNK):
                pass
        sentence = _("一次上传的内容不能超过 %d MB。请缩小文件或分几次传。")
        return error_page(request, 413, sentence % (most // 1024 // 1024))


def _declared(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0
