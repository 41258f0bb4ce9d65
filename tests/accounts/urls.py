"""The accounts pages with three stand-ins for the rest of the portal: a page, a refusal, a part for htmx."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Any page behind sign-in."""
    return HttpResponse("home")


@login_required
def refused(request: HttpRequest) -> HttpResponse:
    """A page that nobody may open."""
    raise PermissionDenied


urlpatterns = [
    path("", home, name="home"),
    path("refused/", refused),
    path("language/", set_language, name="set_language"),
    path("accounts/", include("accounts.urls")),
    path("people/", include("accounts.administration_urls")),
    path("admin/", admin.site.urls),
]
