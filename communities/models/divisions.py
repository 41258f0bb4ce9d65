"""The statutory tree, the ten reporting units, and the townships that the zones answer for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from communities import querysets
from communities.models.terms import term_in_order
from core.history import tracked


class DivisionLevel(models.TextChoices):
    """Levels of the statutory tree."""

    PROVINCE = "province", _("省")
    CITY = "city", _("地级市")
    COUNTY = "county", _("县级")
    TOWN = "township", _("乡级")
    VILLAGE = "village", _("村级")


@tracked()
class Division(models.Model):
    """A statutory division with its code, as long as the catalogue knows it. Figures never refer to one."""

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
    """One of the ten that report and are held responsible: 7 counties, and 3 zones (市直三区) without a code."""

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
