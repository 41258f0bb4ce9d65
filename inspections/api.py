"""REST resources of inspection: rounds, scoring sheets, inspections with their scores."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, ResourceViewSet, deed
from communities.api import InUnit
from communities.models import Community, ReportingQuarter
from core.api_fields import MOST, Answer, Body, KeyFilter, ModelBody, Ref
from inspections import actions, scoring_actions
from inspections.forms import InspectionFilter
from inspections.models import Inspection, ItemScore, Round, RoundState, ScoringSheet, SheetItem


class ItemAnswer(Answer[SheetItem]):
    """One line of a scoring sheet."""

    class Meta:
        model = SheetItem
        fields = ["id", "order", "section", "title", "full_marks", "guidance"]


class SheetAnswer(Answer[ScoringSheet]):
    """One version of the table that inspectors score by."""

    items = ItemAnswer(many=True, read_only=True)

    class Meta:
        model = ScoringSheet
        fields = ["id", "code", "edition", "title", "full_marks", "is_proposal", "effective_from", "source", "items"]


class SheetFilter(django_filters.FilterSet):
    """By code."""

    code = django_filters.CharFilter(label=_("编号"))

    class Meta:
        model = ScoringSheet
        fields: ClassVar[list[str]] = []


class SheetViewSet(ResourceViewSet[ScoringSheet]):
    """Scoring sheets."""

    queryset = ScoringSheet.objects.prefetch_related("items")
    serializer_class = SheetAnswer
    filterset_class = SheetFilter
    ordering_fields: ClassVar[dict[str, str]] = {"code": "code", "edition": "edition"}


class RoundAnswer(Answer[Round]):
    """A quarter's inspection round."""

    class Meta:
        model = Round
        fields = [
            "id",
            "version",
            "quarter",
            "name",
            "plan_number",
            "sheet",
            "starts_on",
            "ends_on",
            "state",
            "is_sample",
        ]


class RoundOpen(ModelBody[Round]):
    """What a round needs."""

    quarter = Ref(offered=ReportingQuarter.objects.visible_to, queryset=ReportingQuarter.objects.all())
    sheet = Ref(offered=ScoringSheet.objects.visible_to, queryset=ScoringSheet.objects.all())
    name = serializers.CharField(max_length=80, required=False)

    class Meta:
        model = Round
        fields = ["quarter", "plan_number", "sheet", "starts_on", "ends_on", "name"]


class RoundFilter(django_filters.FilterSet):
    """By quarter and state."""

    quarter = KeyFilter(label=_("季度编号"), field_name="quarter")

    class Meta:
        model = Round
        fields = ["state"]


class RoundViewSet(Creates[Round]):
    """Rounds."""

    queryset = Round.objects.all()
    serializer_class = RoundAnswer
    create_serializer = RoundOpen
    filterset_class = RoundFilter
    ordering_fields: ClassVar[dict[str, str]] = {"quarter": "quarter__opens_on", "starts_on": "starts_on"}
    default_ordering = "-quarter"

    def add(self, values: dict[str, Any]) -> Round:
        """Open it."""
        return actions.open_round(**values, actor=self.person)

    @deed("close", _("结束评分"))
    def close(self, record: Round, values: dict[str, Any]) -> Round:
        """End the scoring; there is no way back."""
        return actions.close_round(record, actor=self.person)


class ScoreAnswer(Answer[ItemScore]):
    """What one item lost, and why."""

    class Meta:
        model = ItemScore
        fields = ["item", "deduction", "reason"]


class InspectionAnswer(InUnit, Answer[Inspection]):
    """One community inspected in one round."""

    scored = serializers.IntegerField(read_only=True, help_text=_("已评几项。"))
    items = serializers.IntegerField(read_only=True, help_text=_("共有几项。"))
    scores = ScoreAnswer(many=True, read_only=True)

    class Meta:
        model = Inspection
        fields = [
            "id",
            "version",
            "round",
            "community",
            "unit",
            "type",
            "inspected_on",
            "submitted_at",
            "total",
            "scored",
            "items",
            "scores",
            "is_sample",
        ]


class InspectionStart(ModelBody[Inspection]):
    """A stop: which community, in which round, on which day."""

    round = Ref(
        offered=lambda user: Round.objects.visible_to(user).filter(state=RoundState.OPEN), queryset=Round.objects.all()
    )
    community = Ref(
        offered=Inspection.objects.communities_for,
        queryset=Community.objects.all(),
    )

    class Meta:
        model = Inspection
        fields = ["round", "community", "inspected_on"]


class ScoreBody(Body):
    """One item: what it lost (0 is full marks), and why."""

    item = serializers.IntegerField(min_value=1, max_value=MOST)
    deduction = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=Decimal(0))
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ScoresBody(Body):
    """Items to be scored; those that are not named keep what they have."""

    scores = serializers.ListField(child=ScoreBody(), allow_empty=False, max_length=500)


class InspectionViewSet(Creates[Inspection]):
    """Inspections."""

    queryset = Inspection.objects.with_place().with_progress().prefetch_related("scores")
    serializer_class = InspectionAnswer
    create_serializer = InspectionStart
    filterset_class = InspectionFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "unit": "place_order",
        "inspected_on": "inspected_on",
        "submitted_at": "submitted_at",
        "total": "total",
    }
    default_ordering = "-inspected_on"

    def add(self, values: dict[str, Any]) -> Inspection:
        """Start it."""
        day = values["inspected_on"]
        return scoring_actions.start_inspection(
            values["round"], values["community"], inspected_on=day, actor=self.person
        )

    @deed("score", _("评分"), ScoresBody, versioned=True)
    def score(self, record: Inspection, values: dict[str, Any], version: int) -> Inspection:
        """Store a draft."""
        scores = {each["item"]: (each["deduction"], each["reason"]) for each in values["scores"]}
        return scoring_actions.save_scores(record, scores, expected_version=version, actor=self.person)

    @deed("submit", _("提交"), versioned=True)
    def submit(self, record: Inspection, values: dict[str, Any], version: int) -> Inspection:
        """Lock the scores and store their total."""
        return scoring_actions.submit(record, expected_version=version, actor=self.person)
