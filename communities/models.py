"""The ground floor of the domain: divisions, reporting units, communities, periods, memberships."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import BigIntegerRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities import querysets
from communities.roles import CITY_ROLES, COMMUNITY_ROLES, UNIT_ROLES, Role
from core.history import tracked
from core.models import SampleModel, VersionedModel
from core.periods import Month, Quarter


class OwnTerm(Func):
    """`[valid_from, valid_until)` as a date range, open where there is no end."""

    function = "DATERANGE"
    output_field = DateRangeField()


class KeyRange(Func):
    """A key as a range of one, because plain equality in an exclusion needs an extension that we do without."""

    function = "INT8RANGE"
    output_field = BigIntegerRangeField()


def no_overlap(key: str, *, name: str, message: str) -> ExclusionConstraint:
    """A constraint: the terms of rows with the same `key` never overlap."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (KeyRange(F(key), F(key), Value("[]")), RangeOperators.OVERLAPS),
            (OwnTerm(F("valid_from"), F("valid_until"), Value("[)")), RangeOperators.OVERLAPS),
        ],
        violation_error_message=message,
    )


def term_in_order(name: str) -> models.CheckConstraint:
    """A constraint: a term ends after it begins."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
        name=name,
        violation_error_message=_("截止日期应在起始日期之后。"),
    )


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


class DivisionLevel(models.TextChoices):
    """Levels of the statutory tree."""

    PROVINCE = "province", _("省")
    CITY = "city", _("地级市")
    COUNTY = "county", _("县级")
    TOWN = "township", _("乡级")
    VILLAGE = "village", _("村级")


@tracked()
class Division(models.Model):
    """A statutory division with its code, for as long as the catalogue knows it. A community refers to one; a figure never does."""

    code = models.CharField(_("区划代码"), max_length=12, help_text=_("统计用区划代码，2、4、6、9 或 12 位。"))
    name = models.CharField(_("名称"), max_length=60, help_text=_("法定名称。"))
    level = models.CharField(_("层级"), max_length=10, choices=DivisionLevel, help_text=_("省、市、县、乡、村。"))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
        help_text=_("上一级区划。"),
    )
    valid_from = models.DateField(_("起用日期"), help_text=_("代码自何日起有效；只知道目录日期的，填目录日期。"))
    valid_until = models.DateField(_("停用日期"), null=True, blank=True, help_text=_("撤并之日；未撤并的留空。"))

    objects = querysets.DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="division_code_once_a_day",
                violation_error_message=_("同一代码在同一天只能起用一次。"),
            ),
            term_in_order("division_term_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitKind(models.TextChoices):
    """Seven counties and three zones of the city."""

    COUNTY = "county", _("县市区")
    ZONE = "zone", _("市直三区")


@tracked()
class ReportingUnit(models.Model):
    """One of the ten that report and are held responsible: 7 counties and 3 zones (市直三区) without a code of their own."""

    code = models.CharField(_("代码"), max_length=4, unique=True, help_text=_("两个拼音首字母，如 XC。"))
    name = models.CharField(_("名称"), max_length=40, help_text=_("全称。"))
    short_name = models.CharField(_("简称"), max_length=10, help_text=_("表格里用的简称。"))
    kind = models.CharField(_("类别"), max_length=10, choices=UnitKind, help_text=_("县市区或市直三区。"))
    order = models.PositiveSmallIntegerField(_("顺序"), unique=True, help_text=_("法定顺序，不排名时用。"))
    division = models.OneToOneField(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reporting_unit",
        verbose_name=_("行政区划"),
        help_text=_("县市区有；市直三区没有自己的代码。"),
    )
    source = models.CharField(_("来源"), max_length=200, blank=True, help_text=_("依据的文件或目录。"))
    certainty = models.CharField(_("把握程度"), max_length=40, blank=True, help_text=_("H 高，M 中，L 低。"))

    objects = querysets.ReportingUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报单位")
        verbose_name_plural = _("填报单位")
        ordering = ["order"]

    def __str__(self) -> str:
        return self.short_name


@tracked()
class UnitMember(models.Model):
    """A township that a zone answers for. It is then not counted in its host county."""

    unit = models.ForeignKey(
        ReportingUnit, models.CASCADE, related_name="members", verbose_name=_("单位"), help_text=_("市直三区之一。")
    )
    division = models.OneToOneField(
        Division, models.PROTECT, verbose_name=_("乡级区划"), help_text=_("由该区代管的乡镇街道。")
    )

    class Meta:
        verbose_name = _("代管区划")
        verbose_name_plural = _("代管区划")

    def __str__(self) -> str:
        return f"{self.unit} · {self.division}"


@tracked()
class Community(VersionedModel, SampleModel):
    """A community, new or existing. Where and as what it counts is its dated placement, not a field here."""

    code = models.CharField(_("编号"), max_length=20, unique=True, help_text=_("全市唯一的编号，如 XC-P-003。"))
    name = models.CharField(_("名称"), max_length=50, help_text=_("社区全称，如“金桥社区”。"))
    pinyin = models.CharField(
        _("拼音"), max_length=200, editable=False, help_text=_("由名称算出，用来排序和查找。")
    )
    initials = models.CharField(
        _("拼音首字母"), max_length=50, editable=False, help_text=_("由名称算出，用来查找。")
    )
    area_kind = models.CharField(
        _("区位"), max_length=15, choices=AreaKind, blank=True, help_text=_("新建住宅区、城中村、城乡结合部等；不清楚的留空。")
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
                condition=Q(pilot_until__isnull=True) | Q(pilot_until__gt=F("pilot_from")),
                name="community_pilot_in_order",
                violation_error_message=_("试点止应在试点起之后。"),
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__range=(108, 117), latitude__range=(29, 34)),
                name="community_point_in_hubei",
                violation_error_message=_("经纬度要么都填，要么都不填，且应在湖北省内。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The community's own page."""
        return reverse("communities:detail", args=[self.pk])


@tracked()
class Placement(SampleModel):
    """From when to when a community counted in a unit, as a type, in a population, in a category."""

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="placements", verbose_name=_("社区"), help_text=_("哪个社区。")
    )
    unit = models.ForeignKey(
        ReportingUnit, models.PROTECT, related_name="placements", verbose_name=_("单位"), help_text=_("由哪个单位填报。")
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
        ]
        constraints = [
            no_overlap(
                "community_id", name="placement_no_overlap", message=_("同一社区的归属时间不能重叠。")
            ),
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


class PeriodState(models.TextChoices):
    """States of a reporting period."""

    PLANNED = "planned", _("未开放")
    OPEN = "open", _("填报中")
    CLOSED = "closed", _("已关闭")


class ReportingPeriod(VersionedModel):
    """A period is a row: the city office opens it and may move its due date; the clock decides nothing."""

    year = models.PositiveSmallIntegerField(_("年"), help_text=_("四位年份。"))
    opens_on = models.DateField(_("开放日期"), help_text=_("从这一天起可以填报。"))
    due_on = models.DateField(_("截止日期"), help_text=_("晚于这一天算迟报。"))
    state = models.CharField(
        _("状态"), max_length=10, choices=PeriodState, default=PeriodState.PLANNED, help_text=_("未开放、填报中、已关闭。")
    )
    due_reason = models.CharField(_("改期原因"), max_length=200, blank=True, help_text=_("改动截止日期时必填。"))

    class Meta:
        abstract = True


@tracked()
class ReportingMonth(ReportingPeriod):
    """A month for which county teams report."""

    number = models.PositiveSmallIntegerField(_("月"), help_text=_("1 到 12。"))

    objects = querysets.ReportingMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报月")
        verbose_name_plural = _("填报月")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="month_once", violation_error_message=_("这个月已经建过。")
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 12)), name="month_number", violation_error_message=_("月份是 1 到 12。")
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="month_due_after_opening",
                violation_error_message=_("截止日期不能早于开放日期。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.month)

    @property
    def month(self) -> Month:
        """The calendar month."""
        return Month(self.year, self.number)


@tracked()
class ReportingQuarter(ReportingPeriod):
    """A quarter that is inspected, computed and published."""

    number = models.PositiveSmallIntegerField(_("季度"), help_text=_("1 到 4。"))
    published_on = models.DateField(
        _("公布日期"), null=True, blank=True, help_text=_("公布后，各单位可看到其他单位的数字和排名。")
    )

    objects = querysets.ReportingQuarterQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报季度")
        verbose_name_plural = _("填报季度")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="quarter_once", violation_error_message=_("这个季度已经建过。")
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 4)), name="quarter_number", violation_error_message=_("季度是 1 到 4。")
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="quarter_due_after_opening",
                violation_error_message=_("截止日期不能早于开放日期。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.quarter)

    @property
    def quarter(self) -> Quarter:
        """The calendar quarter."""
        return Quarter(self.year, self.number)

    @property
    def last_day(self) -> dt.date:
        """The day on which stocks are counted."""
        return self.quarter.last_day


@tracked()
class Membership(SampleModel):
    """Who may act where, as what, from when to when. Access ends on the day the term does."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("人员"),
        help_text=_("谁。"),
    )
    role = models.CharField(_("岗位"), max_length=20, choices=Role, help_text=_("以什么身份。"))
    unit = models.ForeignKey(
        ReportingUnit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("单位"),
        help_text=_("县专班岗位须填。"),
    )
    community = models.ForeignKey(
        Community,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("社区"),
        help_text=_("检查组、工作队、代表委员须填。"),
    )
    valid_from = models.DateField(_("起始日期"), help_text=_("从这一天起有效。"))
    valid_until = models.DateField(_("截止日期"), null=True, blank=True, help_text=_("到这一天为止（不含）。"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("授权人"),
        help_text=_("谁授的权。"),
    )
    reason = models.CharField(_("事由"), max_length=200, blank=True, help_text=_("为什么授权，如文件、抽调通知。"))

    objects = querysets.MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["user", "valid_from"]
        indexes = [
            # Every request asks for one person's memberships.
            models.Index(fields=["user", "valid_from"], name="membership_by_user"),
        ]
        constraints = [
            term_in_order("membership_term_in_order"),
            models.CheckConstraint(
                condition=Q(role__in=sorted(CITY_ROLES), unit__isnull=True, community__isnull=True)
                | Q(role__in=sorted(UNIT_ROLES), unit__isnull=False, community__isnull=True)
                | Q(role__in=sorted(COMMUNITY_ROLES), unit__isnull=True, community__isnull=False),
                name="membership_place_fits_role",
                violation_error_message=_("市级岗位不填地点，县专班填单位，检查组、工作队、代表委员填社区。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
