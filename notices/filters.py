"""What the pages of notices can be narrowed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import django_filters
from django.utils.translation import gettext_lazy as _

from notices import registry
from notices.models import Delivery, Notice

if TYPE_CHECKING:
    from notices.querysets import DeliveryQuerySet

SIGNED = [("no", _("未签收")), ("yes", _("已签收"))]
ALL_SIGNED = [("no", _("还有人没签")), ("yes", _("都签了"))]


class DeliveryFilter(django_filters.FilterSet):
    """One's own notices: by kind, and signed for or not. What waits for a signature comes first."""

    signed = django_filters.ChoiceFilter(label=_("签收"), choices=SIGNED, empty_label=_("全部"), method="by_signed")
    kind = django_filters.ChoiceFilter(
        label=_("种类"), choices=registry.choices, empty_label=_("全部"), field_name="notice__kind"
    )

    class Meta:
        model = Delivery
        fields: list[str] = []

    def by_signed(self, rows: DeliveryQuerySet, name: str, value: str) -> Any:
        """Signed for, or waiting for it."""
        return rows.signed() if value == "yes" else rows.unsigned()

    def filter_queryset(self, queryset: Any) -> Any:
        """The rows asked for, in the order in which they are dealt with."""
        return cast("DeliveryQuerySet", super().filter_queryset(queryset)).unsigned_first()


class NoticeFilter(django_filters.FilterSet):
    """What was sent: by kind, and whether everybody has signed."""

    signed = django_filters.ChoiceFilter(label=_("签收"), choices=ALL_SIGNED, empty_label=_("全部"), method="by_signed")
    kind = django_filters.ChoiceFilter(label=_("种类"), choices=registry.choices, empty_label=_("全部"))

    class Meta:
        model = Notice
        fields = ["kind"]

    def by_signed(self, rows: Any, name: str, value: str) -> Any:
        """Whether nobody's signature is missing."""
        return rows.all_signed() if value == "yes" else rows.signature_missing()
