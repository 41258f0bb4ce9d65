"""REST resources of the 1+X services: centres, standardisations, organisations, standards."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, ResourceViewSet, Updates, deed
from communities.api import InUnit
from communities.models import Community, ReportingUnit
from core.api_fields import Answer, Body, CodeRef, KeyFilter, ModelBody, Ref
from facilities.models import Project
from facilities.workflow import Stage
from services import actions, organisation_actions
from services.forms import CentreFilter, OrganisationFilter
from services.models import Organisation, ServiceCentre, Standard, Standardisation


class CentreAnswer(InUnit, Answer[ServiceCentre]):
    """A community's service centre."""

    stage = serializers.ChoiceField(
        choices=Stage.choices, read_only=True, allow_null=True, help_text=_("建设项目的阶段；没有项目的为空。")
    )
    standardised_on = serializers.DateField(read_only=True, allow_null=True, help_text=_("规范化验收日期。"))

    class Meta:
        model = ServiceCentre
        fields = [
            "id",
            "version",
            "community",
            "unit",
            "type",
            "project",
            "name",
            "area",
            "stage",
            "standardised_on",
            "is_sample",
        ]


class CentreChange(ModelBody[ServiceCentre]):
    """Name, area, and the project that builds the centre."""

    project = Ref(
        offered=Project.objects.visible_to,
        queryset=Project.objects.all(),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = ServiceCentre
        fields = ["name", "area", "project"]


class CentreCreate(ModelBody[ServiceCentre]):
    """A centre; its project, if the community has one, is found by itself."""

    community = Ref(offered=Community.objects.editable_by, queryset=Community.objects.all())

    class Meta:
        model = ServiceCentre
        fields = ["community", "name", "area"]


class AcceptBody(Body):
    """A standardisation was accepted."""

    on = serializers.DateField(help_text=_("规范化建设验收通过之日。"))
    basis = serializers.CharField(max_length=100, required=False)


class WithdrawBody(Body):
    """An acceptance is withdrawn."""

    on = serializers.DateField(help_text=_("从这一天起不再算规范化。"))
    reason = serializers.CharField(max_length=200)


def may_accept(user: Any, record: Any) -> bool:
    """Acceptance is the city office's."""
    return Standardisation.objects.accepting(user)


class CentreViewSet(Creates[ServiceCentre], Updates[ServiceCentre]):
    """Service centres."""

    queryset = ServiceCentre.objects.with_place().with_stage().with_standardisation().select_related("community")
    serializer_class = CentreAnswer
    create_serializer = CentreCreate
    update_serializer = CentreChange
    filterset_class = CentreFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "unit": "place_order",
        "area": "area",
        "stage": "stage",
        "standardised_on": "standardised_on",
    }

    def add(self, values: dict[str, Any]) -> ServiceCentre:
        """Register it, with the community's service-centre project if there is one."""
        project = Project.objects.service_centres().filter(community=values["community"]).first()
        return actions.create_centre(**values, project=project, actor=self.person)

    def change(self, record: ServiceCentre, values: dict[str, Any], version: int) -> ServiceCentre:
        """Save it, unless somebody else has in between."""
        return actions.edit_centre(record, values, expected_version=version, actor=self.person)

    @deed("accept", _("登记规范化验收"), AcceptBody, gate=may_accept)
    def accept(self, record: ServiceCentre, values: dict[str, Any]) -> ServiceCentre:
        """Accept its standardisation."""
        return actions.accept_standardisation(record, **values, actor=self.person).centre

    @deed("withdraw", _("撤销规范化"), WithdrawBody, gate=may_accept)
    def withdraw(self, record: ServiceCentre, values: dict[str, Any]) -> ServiceCentre:
        """Withdraw the acceptance in force."""
        return actions.withdraw_standardisation(record, **values, actor=self.person).centre


class StandardisationAnswer(Answer[Standardisation]):
    """A centre's standardisation was accepted on a day."""

    class Meta:
        model = Standardisation
        fields = ["id", "centre", "valid_from", "valid_until", "basis", "reason", "is_sample"]


class StandardisationFilter(django_filters.FilterSet):
    """By centre and the day on which they held."""

    centre = KeyFilter(label=_("服务中心编号"), field_name="centre")
    on = django_filters.DateFilter(label=_("在这一天有效"), method="on_day")

    class Meta:
        model = Standardisation
        fields: ClassVar[list[str]] = []

    def on_day(self, rows: Any, name: str, value: dt.date) -> Any:
        """In force on a day."""
        return rows.on_day(value)


class StandardisationViewSet(ResourceViewSet[Standardisation]):
    """Acceptances. They come and go by the centre's `accept` and `withdraw`."""

    queryset = Standardisation.objects.all()
    serializer_class = StandardisationAnswer
    filterset_class = StandardisationFilter
    ordering_fields: ClassVar[dict[str, str]] = {"valid_from": "valid_from"}


ORGANISATION = ("kind", "counting_rule", "name", "valid_from", "community", "unit", "village_name")


class OrganisationAnswer(Answer[Organisation]):
    """An organisation in a community, or in a village of a unit."""

    unit = serializers.SlugRelatedField[Any]("code", read_only=True, help_text=_("不在社区的，所在单位的代码。"))

    class Meta:
        model = Organisation
        fields = ["id", "version", *ORGANISATION, "valid_until", "is_sample"]


class OrganisationBody(ModelBody[Organisation]):
    """An organisation: with its community, or with a unit and the village's name."""

    community = Ref(
        offered=Community.objects.editable_by,
        queryset=Community.objects.all(),
        required=False,
        allow_null=True,
    )
    unit = CodeRef(
        offered=ReportingUnit.objects.writable_by,
        queryset=ReportingUnit.objects.all(),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = Organisation
        fields = list(ORGANISATION)


class OrganisationEnd(Body):
    """The day from which it exists no longer."""

    on = serializers.DateField(help_text=_("从这一天起不再计入。"))


class OrganisationViewSet(Creates[Organisation], Updates[Organisation]):
    """Organisations."""

    queryset = Organisation.objects.with_place().select_related("unit")
    serializer_class = OrganisationAnswer
    create_serializer = OrganisationBody
    update_serializer = OrganisationBody
    filterset_class = OrganisationFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "kind": "kind",
        "unit": "place_order",
        "valid_from": "valid_from",
        "valid_until": "valid_until",
    }

    def add(self, values: dict[str, Any]) -> Organisation:
        """Register it."""
        return organisation_actions.create_organisation(**values, actor=self.person)

    def change(self, record: Organisation, values: dict[str, Any], version: int) -> Organisation:
        """Save it, unless somebody else has in between."""
        return organisation_actions.edit_organisation(record, values, expected_version=version, actor=self.person)

    @deed("end", _("登记撤销"), OrganisationEnd, versioned=True)
    def end(self, record: Organisation, values: dict[str, Any], version: int) -> Organisation:
        """Enter that it exists no longer."""
        return organisation_actions.end_organisation(record, **values, expected_version=version, actor=self.person)


class StandardAnswer(Answer[Standard]):
    """One checkable standard."""

    class Meta:
        model = Standard
        fields = [
            "id",
            "code",
            "dimension",
            "role",
            "item",
            "unit",
            "operator",
            "city",
            "town",
            "rural",
            "applies_to",
            "verified_by",
            "source",
            "source_url",
            "certainty",
            "note",
        ]


class StandardFilter(django_filters.FilterSet):
    """By dimension."""

    dimension = django_filters.CharFilter(label=_("体系"))

    class Meta:
        model = Standard
        fields: ClassVar[list[str]] = []


class StandardViewSet(ResourceViewSet[Standard]):
    """The catalogue of standards."""

    queryset = Standard.objects.all()
    serializer_class = StandardAnswer
    filterset_class = StandardFilter
    ordering_fields: ClassVar[dict[str, str]] = {"code": "code"}
    default_ordering = "code"
