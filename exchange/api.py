"""The REST resources of uploads: to follow them and read what became of each row. Files come in by the page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import ResourceViewSet
from core.api_fields import Answer
from core.sentences import told
from exchange.filters import BatchFilter, RowFilter
from exchange.models import Batch, StagedRow


class BatchAnswer(Answer[Batch]):
    """An upload."""

    uploaded_by = serializers.SlugRelatedField[Any]("full_name", read_only=True, help_text=_("上传人的姓名。"))

    class Meta:
        model = Batch
        fields = [
            "id",
            "target",
            "place",
            "scope",
            "state",
            "original_name",
            "format",
            "size",
            "sha256",
            "template_version",
            "new",
            "changed",
            "unchanged",
            "rejected",
            "trouble",
            "uploaded_by",
            "uploaded_at",
            "applied_at",
        ]


class BatchViewSet(ResourceViewSet[Batch]):
    """Uploads of the places that the person sees."""

    queryset = Batch.objects.select_related("uploaded_by")
    serializer_class = BatchAnswer
    filterset_class = BatchFilter
    ordering_fields: ClassVar[dict[str, str]] = {"uploaded_at": "pk", "applied_at": "applied_at"}
    default_ordering = "-uploaded_at"


class RowAnswer(Answer[StagedRow]):
    """A row of an upload."""

    problems = serializers.SerializerMethodField(help_text=_("哪一列、什么原因。"))

    class Meta:
        model = StagedRow
        fields = ["id", "batch", "number", "cells", "outcome", "problems", "changes"]

    def get_problems(self, row: StagedRow) -> list[dict[str, str]]:
        """In the reader's language; an empty column stands for the row as a whole."""
        return [{"column": each["column"], "message": told(each)} for each in row.problems]


class RowViewSet(ResourceViewSet[StagedRow]):
    """Rows of uploads: what was read, and what becomes of it."""

    queryset = StagedRow.objects.all()
    serializer_class = RowAnswer
    filterset_class = RowFilter
    ordering_fields: ClassVar[dict[str, str]] = {"number": "number"}
    default_ordering = "number"
