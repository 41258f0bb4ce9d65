"""REST resources of the working machinery: documents, teams, pairings."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, Updates, deed
from communities.models import Community
from coordination import actions
from coordination.filters import PairingFilter, TeamFilter
from coordination.models import Pairing, PolicyDocument, SupportTeam
from core.api_fields import Answer, Body, ModelBody, Ref

DOCUMENT = ("title", "number", "issued_on", "known", "source", "certainty")


class DocumentAnswer(Answer[PolicyDocument]):
    """A document that the programme rests on."""

    class Meta:
        model = PolicyDocument
        fields = ["id", "version", *DOCUMENT]


class DocumentChange(ModelBody[PolicyDocument]):
    """What is known of a document."""

    class Meta:
        model = PolicyDocument
        fields = list(DOCUMENT)


class DocumentFilter(django_filters.FilterSet):
    """By part of the title."""

    q = django_filters.CharFilter(label=_("标题"), field_name="title", lookup_expr="icontains")

    class Meta:
        model = PolicyDocument
        fields: ClassVar[list[str]] = []


class DocumentViewSet(Updates[PolicyDocument]):
    """Policy documents."""

    queryset = PolicyDocument.objects.all()
    serializer_class = DocumentAnswer
    update_serializer = DocumentChange
    filterset_class = DocumentFilter
    ordering_fields: ClassVar[dict[str, str]] = {"issued_on": "issued_on"}

    def change(self, record: PolicyDocument, values: dict[str, Any], version: int) -> PolicyDocument:
        """Save it, unless somebody else has in between."""
        return actions.edit_document(record, values, expected_version=version, actor=self.person)


class TeamAnswer(Answer[SupportTeam]):
    """A work team of a city department."""

    class Meta:
        model = SupportTeam
        fields = ["id", "version", "name", "department", "is_sample"]


class TeamBody(ModelBody[SupportTeam]):
    """A new work team."""

    class Meta:
        model = SupportTeam
        fields = ["name", "department"]


class TeamApiFilter(TeamFilter):
    """By name alone: whether a team has a pilot would tell of pairings that the person may not see."""

    paired: Any = None

    class Meta(TeamFilter.Meta):
        pass


class TeamViewSet(Creates[SupportTeam]):
    """Work teams."""

    queryset = SupportTeam.objects.all()
    serializer_class = TeamAnswer
    create_serializer = TeamBody
    filterset_class = TeamApiFilter
    ordering_fields: ClassVar[dict[str, str]] = {"name": "name", "department": "department"}

    def add(self, values: dict[str, Any]) -> SupportTeam:
        """Register it."""
        return actions.create_team(actor=self.person, **values)


class PairingAnswer(Answer[Pairing]):
    """One team for one pilot, for a term."""

    class Meta:
        model = Pairing
        fields = ["id", "team", "community", "valid_from", "valid_until", "is_sample"]


class PairingBody(ModelBody[Pairing]):
    """A team for a pilot."""

    team = Ref(offered=SupportTeam.objects.visible_to, queryset=SupportTeam.objects.all())
    community = Ref(
        offered=lambda user: Community.objects.visible_to(user).filter(pilot_from__isnull=False),
        queryset=Community.objects.all(),
    )

    class Meta:
        model = Pairing
        fields = ["team", "community", "valid_from", "valid_until"]


class PairingEnd(Body):
    """The day on which a pairing ends."""

    valid_until = serializers.DateField(help_text=_("从这一天起不再包保。"))


class PairingViewSet(Creates[Pairing]):
    """Which team supports which pilot."""

    queryset = Pairing.objects.select_related("team", "community")
    serializer_class = PairingAnswer
    create_serializer = PairingBody
    filterset_class = PairingFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "team": "team__name",
        "valid_from": "valid_from",
    }

    def add(self, values: dict[str, Any]) -> Pairing:
        """Arrange it."""
        return actions.create_pairing(actor=self.person, **values)

    @deed("end", _("结束包保"), PairingEnd)
    def end(self, record: Pairing, values: dict[str, Any]) -> Pairing:
        """End it."""
        return actions.end_pairing(record, on=values["valid_until"], actor=self.person)
