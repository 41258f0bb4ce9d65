"""Which language a page is written in: the one the person chose, or else Simplified Chinese."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class LanguageMiddleware:
    """Chinese unless the person chose otherwise (a cookie).

    What the browser claims to prefer is not asked, unlike Django's own middleware: machines that were set up in
    English are common in offices, and their users expect the official language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = known  # where Django's template tags look
        with translation.override(known):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", known)
        return response
