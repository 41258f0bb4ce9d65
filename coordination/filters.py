"""What the lists of the working machinery can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coordination.models import Pairing, SupportTeam
from coordination.querysets import PairingQuerySet, SupportTeamQuerySet
from core.periods import today

IN_FORCE = [("yes", _("现行")), ("no", _("已截止或未开始"))]
PAIRED = [("yes", _("有试点")), ("no", _("没有试点"))]


class PairingFilter(django_filters.FilterSet):
    """By whether it is in force today, and by the names of either side."""

    now = django_filters.ChoiceFilter(label=_("状态"), choices=IN_FORCE, empty_label=_("全部"), method="by_force")
    q = django_filters.CharFilter(label=_("工作队、试点、拼音首字母"), method="by_words")

    class Meta:
        model = Pairing
        fields: list[str] = []

    def by_force(self, rows: PairingQuerySet, name: str, value: str) -> Any:
        """In force today, or not."""
        now = Pairing.objects.on_day(today()).values("pk")
        return rows.filter(pk__in=now) if value == "yes" else rows.exclude(pk__in=now)

    def by_words(self, rows: PairingQuerySet, name: str, value: str) -> Any:
        """Part of a name, the beginning of the code, or initials."""
        word = value.strip()
        return rows.filter(
            Q(team__name__icontains=word)
            | Q(team__department__icontains=word)
            | Q(community__name__icontains=word)
            | Q(community__code__istartswith=word)
            | Q(community__initials__contains=word.lower())
        )


class TeamFilter(django_filters.FilterSet):
    """By whether the team supports a pilot today, and by name."""

    paired = django_filters.ChoiceFilter(label=_("包保"), choices=PAIRED, empty_label=_("全部"), method="by_pairing")
    q = django_filters.CharFilter(label=_("工作队、派出单位"), method="by_words")

    class Meta:
        model = SupportTeam
        fields: list[str] = []

    def by_pairing(self, rows: SupportTeamQuerySet, name: str, value: str) -> Any:
        """With a pilot today, or without."""
        busy = Pairing.objects.on_day(today()).values("team")
        return rows.filter(pk__in=busy) if value == "yes" else rows.exclude(pk__in=busy)

    def by_words(self, rows: SupportTeamQuerySet, name: str, value: str) -> Any:
        """Part of the team's or the department's name."""
        word = value.strip()
        return rows.filter(Q(name__icontains=word) | Q(department__icontains=word))
