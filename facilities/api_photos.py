"""The REST resource of photos: what is known of each, adding and withdrawing one. Pictures come out by the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, deed
from communities.api import InUnit
from communities.models import ReportingMonth
from core.api_fields import Answer, Body, KeyFilter, Ref
from core.api_files import FormBody, TakesFiles
from facilities import photo_actions
from facilities.models import Photo, Project
from facilities.photo_reads import likenesses_told
from facilities.workflow import Stage


class PhotoAnswer(InUnit, Answer[Photo]):
    """A photo as evidence of a stage. Where it was taken is not told here."""

    uploaded_by = serializers.SlugRelatedField[Any]("full_name", read_only=True, help_text=_("上传人的姓名。"))
    withdrawn_by = serializers.SlugRelatedField[Any]("full_name", read_only=True, help_text=_("撤下人的姓名。"))
    alike = serializers.SerializerMethodField(help_text=_("与哪些照片相似，各一句话；只告诉本单位和市新社区办。"))

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
            "uploaded_by",
            "uploaded_as",
            "uploaded_at",
            "withdrawn_by",
            "withdrawn_at",
            "withdrawn_reason",
            "alike",
            "is_sample",
        ]

    def get_alike(self, photo: Photo) -> list[str]:
        """Which other photos it looks like."""
        told: dict[int, list[str]] = self.context["view"].alike
        return told.get(photo.pk, [])


class PhotoCreate(FormBody):
    """A photo, and what it shows. What is a photo at all is the action's to say."""

    picture = serializers.FileField(allow_empty_file=True, help_text=_("JPEG、PNG 或 WebP，最多 15 MB。"))
    project = Ref(offered=Project.objects.reportable_by, queryset=Project.objects.all())
    month = Ref(
        offered=ReportingMonth.objects.visible_to,
        queryset=ReportingMonth.objects.all(),
        required=False,
        allow_null=True,
        help_text=_("随哪个月的月报；市新社区办补登阶段的照片不写。"),
    )
    stage = serializers.ChoiceField(choices=Stage.choices, help_text=_("证明走到了哪一步。"))
    spot = serializers.CharField(
        max_length=30, required=False, allow_blank=True, help_text=_("同一位置的前后照片会放在一起比。")
    )
    caption = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text=_("可不填。"))


class WithdrawPhotoBody(Body):
    """Why a photo is no evidence after all."""

    reason = serializers.CharField(max_length=200, help_text=_("如“传错项目”。照片和原因都会留在记录里。"))


class PhotoFilter(django_filters.FilterSet):
    """By project, month and stage."""

    project = KeyFilter(label=_("项目编号"), field_name="project")
    month = KeyFilter(label=_("月份编号"), field_name="month")

    class Meta:
        model = Photo
        fields = ["stage"]


class PhotoViewSet(TakesFiles, Creates[Photo]):
    """Photos. One is added by a form with its picture."""

    queryset = Photo.objects.with_place().select_related("uploaded_by", "withdrawn_by")
    serializer_class = PhotoAnswer
    create_serializer = PhotoCreate
    filterset_class = PhotoFilter
    ordering_fields: ClassVar[dict[str, str]] = {"uploaded_at": "uploaded_at", "taken_at": "taken_at"}
    # Of the photos that are being answered with: which others they look like.
    alike: dict[int, list[str]]

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Finds for all of the answer's photos at once what they look like."""
        rows: Iterable[Photo] = args[0] if kwargs.get("many") else args
        self.alike = likenesses_told(rows, self.person)
        return super().get_serializer(*args, **kwargs)

    def add(self, values: dict[str, Any]) -> Photo:
        """Keep it."""
        return photo_actions.add_photo(values.pop("project"), values.pop("month", None), **values, actor=self.person)

    @deed("withdraw", _("撤下"), WithdrawPhotoBody)
    def withdraw(self, record: Photo, values: dict[str, Any]) -> Photo:
        """Take it out of the evidence."""
        return photo_actions.withdraw_photo(record, **values, actor=self.person)
