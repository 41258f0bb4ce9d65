"""The REST API: which resources there are, the schema that describes them, and its page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from accounts.api_resources import AuditEntryViewSet
from communities import api as communities
from communities import api_periods as periods
from coordination import api as coordination
from core.api import StrictMixin
from core.incidents import error_page
from dashboards import api as dashboards
from exchange import api as exchange
from facilities import api as facilities
from facilities import api_rules as rules
from facilities.api_photos import PhotoViewSet
from facilities.api_reports import ReportViewSet
from facilities.api_urging import UrgingViewSet
from inspections import api as inspections
from jobs.api import JobViewSet
from notices.api import NoticeViewSet
from services import api as services

app_name = "api"

# Address → resource; the name of its routes is the address in the singular sense that the address itself has.
RESOURCES: dict[str, Any] = {
    "units": communities.UnitViewSet,
    "divisions": communities.DivisionViewSet,
    "communities": communities.CommunityViewSet,
    "placements": communities.PlacementViewSet,
    "successions": communities.SuccessionViewSet,
    "months": periods.MonthViewSet,
    "quarters": periods.QuarterViewSet,
    "absences": periods.AbsenceViewSet,
    "memberships": periods.MembershipViewSet,
    "documents": coordination.DocumentViewSet,
    "teams": coordination.TeamViewSet,
    "pairings": coordination.PairingViewSet,
    "projects": facilities.ProjectViewSet,
    "stages": facilities.StageViewSet,
    "reports": ReportViewSet,
    "plans": rules.PlanViewSet,
    "stage-definitions": rules.StageDefinitionViewSet,
    "infrastructure-types": rules.InfrastructureTypeViewSet,
    "ordering-rules": rules.OrderingRuleViewSet,
    "ordering-exemptions": rules.ExemptionViewSet,
    "light-thresholds": rules.LightThresholdViewSet,
    "red-marks": rules.RedMarkViewSet,
    "photos": PhotoViewSet,
    "urgings": UrgingViewSet,
    "centres": services.CentreViewSet,
    "standardisations": services.StandardisationViewSet,
    "organisations": services.OrganisationViewSet,
    "standards": services.StandardViewSet,
    "sheets": inspections.SheetViewSet,
    "rounds": inspections.RoundViewSet,
    "inspections": inspections.InspectionViewSet,
    "published-figures": dashboards.PublishedViewSet,
    "notices": NoticeViewSet,
    "jobs": JobViewSet,
    "imports": exchange.BatchViewSet,
    "import-rows": exchange.RowViewSet,
    "audit": AuditEntryViewSet,
}


@cache
def schema_in(language: str | None) -> bytes:
    """The whole schema in a language, as JSON. It is the same for everybody: what each may do is not in it."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(OpenApiJsonRenderer().render(schema, renderer_context={}))


class SchemaView(StrictMixin, APIView):
    """The OpenAPI schema, for everybody who is signed in or has a token."""

    schema: Any = None
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> HttpResponse:
        """The schema in the person's language."""
        return HttpResponse(schema_in(get_language()), content_type="application/vnd.oai.openapi+json; charset=utf-8")


class DocumentationView(SpectacularSwaggerSplitView):
    """The schema as a page to read and try. Its script comes as a file of its own, as the strict policy wants it."""

    schema: Any = None
    permission_classes = (IsAuthenticated,)
    url_name = "api:schema"
    template_name = "xiaogan_portal/api_docs.html"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The page, or its script."""
        if set(request.query_params) - {"script"}:
            raise exceptions.NotFound
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return response


def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """What lies below the API and is no resource: the error of the API, not a page."""
    return error_page(request, 404, _("没有这个地址。"))


router = SimpleRouter(use_regex_path=False)
for address, viewset in RESOURCES.items():
    router.register(address, viewset, basename=address)

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="docs"),
    path("me/", periods.MeView.as_view(), name="me"),
    path("indicators/", dashboards.IndicatorsView.as_view(), name="indicators"),
    path("figures/", dashboards.FiguresView.as_view(), name="figures"),
    path("figures/<str:quarter>/<str:indicator>/facts/", dashboards.FactsView.as_view(), name="facts"),
    path("construction/s-curve/", dashboards.CurveView.as_view(), name="s_curve"),
    *router.urls,
    re_path(r"^(?P<rest>.*)$", nothing_here, name="nothing"),
]
