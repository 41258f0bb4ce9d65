"""Every address of the portal. A route is scoped, or it stands in `OPEN_ROUTES` with its reason."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from core.views_components import ComponentsView
from xiaogan_portal import health
from xiaogan_portal.home import HomeView
from xiaogan_portal.selfaudit_views import SelfAuditView

# Routes without a scoped queryset, by name or namespace, and why that is right.
OPEN_ROUTES = {
    "health-live": "says only that the process answers",
    "health-ready": "says only that the portal can serve",
    "home": "leads each person to their own first page",
    "set_language": "everybody's own choice; writes a cookie",
    "my_account": "one's own account",
    "account_*": "the one way in, and one's own password",
    "mfa_*": "one's own second factor",
    "api:me": "oneself",
    "api:schema": "the same for everybody who is signed in; holds no record",
    "api:docs": "the schema as a page",
    "api:nothing": "says only that there is nothing",
    "components": "made-up values; embedded mode and DEBUG only",
    "admin:*": "behind the one way in; Django's own permissions, read only",
}

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("accounts/", include("accounts.urls")),
    path("language/", set_language, name="set_language"),
    path("people/", include("accounts.administration_urls")),
    path("people/selfaudit/", SelfAuditView.as_view(), name="selfaudit"),
    path("communities/", include("communities.urls")),
    path("coordination/", include("coordination.urls")),
    path("projects/", include("facilities.urls")),
    path("services/", include("services.urls")),
    path("inspections/", include("inspections.urls")),
    path("dashboards/", include("dashboards.urls")),
    path("jobs/", include("jobs.urls")),
    path("notices/", include("notices.urls")),
    path("exchange/", include("exchange.urls")),
    path("api/v1/", include("xiaogan_portal.api")),
    path("dev/components/", ComponentsView.as_view(), name="components"),
    path("admin/", admin.site.urls),
]

handler400 = "core.incidents.bad_request"
handler403 = "core.incidents.permission_denied"
handler404 = "core.incidents.not_found"
handler429 = "accounts.lockout.too_many_requests"
handler500 = "core.incidents.server_error"
