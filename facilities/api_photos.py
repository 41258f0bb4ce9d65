"""The REST resource of photos: what is known of each. Pictures are sent, withdrawn and taken out on the pages."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.api import ResourceViewSet
from communities.api import InUnit
from core.api_fields import Answer, KeyFilter
from facilities.models import Photo


class PhotoAnswer(InUnit, Answer[Photo]):
    """A photo as evidence of a stage. Where it was taken is not told here."""

    class Meta:
        model = Photo
        fields = [
            "id",
            "project",
            "month",
            "unit",
            "type",
            "stage",
            "spot",
            "caption",
            "sha256",
            "size",
            "width",
            "height",
            "taken_at",
            "uploaded_as",
            "uploaded_at",
            "withdrawn_at",
            "withdrawn_reason",
            "is_sample",
        ]


class PhotoFilter(django_filters.FilterSet):
    """By project, month and stage."""

    project = KeyFilter(label=_("项目编号"), field_name="project")
    month = KeyFilter(label=_("月份编号"), field_name="month")

    class Meta:
        model = Photo
        fields = ["stage"]


class PhotoViewSet(ResourceViewSet[Photo]):
    """Photos. They are uploaded and withdrawn on the pages."""

    queryset = Photo.objects.with_place()
    serializer_class = PhotoAnswer
    filterset_class = PhotoFilter
    ordering_fields: ClassVar[dict[str, str]] = {"uploaded_at": "uploaded_at", "taken_at": "taken_at"}
