"""Communities, where and as what each counted, and what became of them."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities import querysets
from communities.models.divisions import Division, ReportingUnit
from communities.models.terms import no_overlap, term_in_order
from core.history import tracked
from core.models import SampleModel, VersionedModel


class CommunityType(models.TextChoices):
    """The three types of community."""

    CITY = "city", _("城市")
    TOWN = "town", _("城镇")
    RURAL = "rural", _("农村")


class Population(models.TextChoices):
    """Two populations that never share a denominator: 89 new communities, 330 existing ones."""

    PROGRAMME = "programme", _("规划新社区")
    EXISTING = "existing", _("现有社区")


class BuildCategory(models.TextChoices):
    """The two categories of the programme."""

    NEW = "new", _("新建示范")
    UPGRADE = "upgrade", _("改造提升")


class AreaKind(models.TextChoices):
    """Where committees are to be formed in time (应建未建)."""

    NEW_HOUSING = "new_housing", _("城市新建住宅区")
    URBAN_VILLAGE = "urban_village", _("城中村")
    FRINGE = "fringe", _("城乡结合部")
    TOWNSHIP = "township", _("集镇")
    VILLAGE = "village", _("村庄")


@tracked()
class Community(VersionedModel, SampleModel):
    """A community, new or existing. Where and as what it counts is its dated placement, not a field here."""

    code = models.CharField(_("编号"), max_length=20, unique=True, help_text=_("全市唯一的编号，如 XC-P-003。"))
    name = models.CharField(_("名称"), max_length=50, help_text=_("社区全称，如“金桥社区”。"))
    pinyin = models.CharField(_("拼音"), max_length=200, editable=False, help_text=_("由名称算出，用来排序和查找。"))
    initials = models.CharField(_("拼音首字母"), max_length=50, editable=False, help_text=_("由名称算出，用来查找。"))
    area_kind = models.CharField(
        _("区位"),
        max_length=15,
        choices=AreaKind,
        blank=True,
        help_text=_("新建住宅区、城中村、城乡结合部等；不清楚的留空。"),
    )
    households = models.PositiveIntegerField(
        _("户数"), null=True, blank=True, help_text=_("现有户数；不清楚的留空，不要填 0。")
    )
    residents = models.PositiveIntegerField(
        _("人口"), null=True, blank=True, help_text=_("常住人口；不清楚的留空，不要填 0。")
    )
    longitude = models.DecimalField(
        _("经度"), max_digits=9, decimal_places=6, null=True, blank=True, help_text=_("示意位置，如 113.956200。")
    )
    latitude = models.DecimalField(
        _("纬度"), max_digits=8, decimal_places=6, null=True, blank=True, help_text=_("示意位置，如 31.251400。")
    )
    division = models.ForeignKey(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communities",
        verbose_name=_("行政区划"),
        help_text=_("所在的乡镇街道或村居；不清楚的留空。"),
    )
    pilot_from = models.DateField(_("试点起"), null=True, blank=True, help_text=_("列为试点之日；不是试点的留空。"))
    pilot_until = models.DateField(_("试点止"), null=True, blank=True, help_text=_("不再是试点之日；仍是的留空。"))

    objects = querysets.CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("社区")
        verbose_name_plural = _("社区")
        ordering = ["pinyin", "pk"]
        indexes = [
            # Lists in order of the name.
            models.Index(fields=["pinyin", "id"], name="community_by_pinyin"),
        ]
        constraints = [
            models.CheckConstraint(
                # A comparison with NULL is no refusal, so both ends must be there.
                condition=Q(pilot_until__isnull=True) | Q(pilot_from__isnull=False, pilot_until__gt=F("pilot_from")),
                name="community_pilot_in_order",
                violation_error_message=_("试点止应在试点起之后。"),
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__range=(108, 117),
                    latitude__range=(29, 34),
                ),
                name="community_point_in_hubei",
                violation_error_message=_("经纬度要么都填，要么都不填，且应在湖北省内。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The community's own page."""
        return reverse("communities:detail", args=[self.pk])

    def is_pilot_on(self, day: dt.date) -> bool:
        """Whether it was a pilot on `day`; the same rule as the queryset's `pilots`."""
        if self.pilot_from is None or self.pilot_from > day:
            return False
        return self.pilot_until is None or self.pilot_until > day


@tracked()
class Placement(SampleModel):
    """From when to when a community counted in a unit, as a type, in a population, in a category."""

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="placements", verbose_name=_("社区"), help_text=_("哪个社区。")
    )
    unit = models.ForeignKey(
        ReportingUnit,
        models.PROTECT,
        related_name="placements",
        verbose_name=_("单位"),
        help_text=_("由哪个单位填报。"),
    )
    type = models.CharField(_("类型"), max_length=5, choices=CommunityType, help_text=_("城市、城镇、农村。"))
    population = models.CharField(
        _("口径"), max_length=10, choices=Population, help_text=_("规划新社区和现有社区分开计算。")
    )
    category = models.CharField(
        _("建设类别"), max_length=10, choices=BuildCategory, blank=True, help_text=_("新建示范或改造提升；未定的留空。")
    )
    valid_from = models.DateField(_("起始日期"), help_text=_("从这一天起按此计算。"))
    valid_until = models.DateField(
        _("截止日期"), null=True, blank=True, help_text=_("到这一天为止（不含）；现行的留空。")
    )
    reason = models.CharField(_("变更原因"), max_length=200, blank=True, help_text=_("为什么调整。"))

    objects = querysets.PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("归属")
        verbose_name_plural = _("归属")
        ordering = ["community", "valid_from"]
        indexes = [
            # A cell of the roll-up: one unit's communities of one population on a day.
            models.Index(fields=["unit", "population", "valid_from"], name="placement_by_unit"),
            # Who may see a record: whether a community has a later placement than this one.
            models.Index(fields=["community", "valid_from"], name="placement_newest"),
        ]
        constraints = [
            no_overlap("community", name="placement_no_overlap", message=_("同一社区的归属时间不能重叠。")),
            models.UniqueConstraint(
                fields=["community"],
                condition=Q(valid_until__isnull=True),
                name="placement_one_current",
                violation_error_message=_("同一社区只能有一条现行归属。"),
            ),
            term_in_order("placement_term_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_type_display()} · {self.valid_from}"


class SuccessionKind(models.TextChoices):
    """What became of a community."""

    MERGED = "merged", _("并入")
    SPLIT = "split", _("分出")
    RENAMED = "renamed", _("更名")
    ENDED = "ended", _("撤销")


@tracked()
class Succession(SampleModel):
    """One step in what became of a community. A split is one row for each successor."""

    predecessor = models.ForeignKey(
        Community, models.CASCADE, related_name="successions", verbose_name=_("原社区"), help_text=_("变更前。")
    )
    successor = models.ForeignKey(
        Community,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="predecessions",
        verbose_name=_("新社区"),
        help_text=_("变更后；撤销的留空，更名的可与原社区相同。"),
    )
    kind = models.CharField(_("变更"), max_length=10, choices=SuccessionKind, help_text=_("并入、分出、更名、撤销。"))
    effective_on = models.DateField(_("生效日期"), help_text=_("批复生效之日。"))
    reason = models.CharField(_("依据"), max_length=200, help_text=_("批复文号或说明。"))
    former_name = models.CharField(_("原名"), max_length=50, blank=True, help_text=_("更名前的名称。"))

    objects = querysets.SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("沿革")
        verbose_name_plural = _("沿革")
        ordering = ["effective_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="ended", successor__isnull=True) | (~Q(kind="ended") & Q(successor__isnull=False)),
                name="succession_successor_fits_kind",
                violation_error_message=_("撤销没有新社区；并入、分出、更名须写明新社区。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} {self.get_kind_display()} {self.effective_on}"
