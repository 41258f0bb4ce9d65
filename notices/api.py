"""The REST resource of notices: one's own, to read and to sign for."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import ResourceViewSet, deed
from core.api_fields import Answer
from notices import actions, registry
from notices.models import Delivery
from notices.workflow import Tone


class NoticeAnswer(Answer[Delivery]):
    """A notice as one person received it."""

    kind = serializers.CharField(source="notice.kind", read_only=True, help_text=_("哪一种通知，由各模块登记。"))
    about = serializers.CharField(source="notice.about", read_only=True, help_text=_("说的是哪件事。"))
    title = serializers.CharField(source="notice.title", read_only=True, help_text=_("一句话说清什么事。"))
    body = serializers.CharField(source="notice.body", read_only=True, help_text=_("缺什么、到什么时候、怎么办。"))
    link = serializers.CharField(source="notice.link", read_only=True, help_text=_("本平台内的页面，打开就能办。"))
    tone = serializers.ChoiceField(Tone.choices, source="notice.tone", read_only=True, help_text=_("有多急。"))
    sender = serializers.IntegerField(
        source="notice.sender_id", read_only=True, allow_null=True, help_text=_("谁发的；到期自动发的为空。")
    )
    created_at = serializers.DateTimeField(source="notice.created_at", read_only=True, help_text=_("什么时候发的。"))

    class Meta:
        model = Delivery
        fields = [
            "id",
            "notice",
            "kind",
            "about",
            "title",
            "body",
            "link",
            "tone",
            "sender",
            "created_at",
            "seen_at",
            "signed_at",
        ]


class NoticeApiFilter(django_filters.FilterSet):
    """By kind, and whether it is signed for."""

    kind = django_filters.ChoiceFilter(label=_("种类"), choices=registry.choices, field_name="notice__kind")
    signed = django_filters.BooleanFilter(label=_("已签收"), method="by_signed")

    class Meta:
        model = Delivery
        fields: list[str] = []

    def by_signed(self, rows: Any, name: str, value: bool) -> Any:
        """Signed for, or waiting for it."""
        return rows.signed() if value else rows.unsigned()


class NoticeViewSet(ResourceViewSet[Delivery]):
    """One's own notices, newest first."""

    queryset = Delivery.objects.select_related("notice")
    serializer_class = NoticeAnswer
    filterset_class = NoticeApiFilter
    ordering_fields: ClassVar[dict[str, str]] = {"created_at": "notice__created_at", "signed_at": "signed_at"}
    default_ordering = "-created_at"

    @deed("sign", _("签收"))
    def sign(self, record: Delivery, values: dict[str, Any]) -> Delivery:
        """Sign for it; once is for good."""
        return actions.sign(record, actor=self.person)
