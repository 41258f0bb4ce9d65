"""What the steps of the ladder mean, and which kinds of infrastructure there are: data, edited by the city office."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.history import tracked
from core.models import VersionedModel
from facilities import querysets
from facilities.models.projects import Position
from facilities.workflow import Stage


@tracked()
class StageDefinition(VersionedModel):
    """When a step counts as reached (认定口径), and what proves it. One row for each step of `Stage`."""

    stage = models.PositiveSmallIntegerField(_("阶段"), choices=Stage, unique=True, help_text=_("哪一步。"))
    definition = models.CharField(_("认定口径"), max_length=300, help_text=_("做到什么程度算到了这一步。"))
    evidence = models.CharField(
        _("认定依据"), max_length=200, blank=True, help_text=_("凭什么认定，如施工许可证；不要求的留空。")
    )
    needs_photo = models.BooleanField(
        _("要照片"), default=False, help_text=_("认定口径把照片列为依据的才收照片，其余阶段不收。")
    )
    source = models.CharField(_("出处"), max_length=200, blank=True, help_text=_("哪个文件定的；没有文件的写“推定”。"))
    presumed = models.BooleanField(_("推定"), default=True, help_text=_("没有文件依据，待市新社区办核定。"))

    objects = querysets.LadderQuerySet.as_manager()

    class Meta:
        verbose_name = _("阶段口径")
        verbose_name_plural = _("阶段口径")
        ordering = ["stage"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="stage_definition_known",
                violation_error_message=_("没有这个阶段。"),
            ),
            models.CheckConstraint(
                condition=~Q(definition=""),
                name="stage_definition_said",
                violation_error_message=_("请写认定口径。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_stage_display())

    def get_absolute_url(self) -> str:
        """Its place among the rules."""
        return f"{reverse('facilities:rules')}#stagedefinition"


@tracked()
class InfrastructureType(VersionedModel):
    """A kind of infrastructure: water, power, roads … The list is data."""

    code = models.SlugField(_("代码"), max_length=20, unique=True, help_text=_("小写字母，登记后不变。"))
    name = models.CharField(_("名称"), max_length=20, unique=True, help_text=_("如“给水”“道路”。"))
    underground = models.BooleanField(
        _("地下工程"),
        default=False,
        help_text=_("新项目没有写地下或地上的，打勾的按地下算，不打勾的按地上算。"),
    )
    order = models.PositiveSmallIntegerField(_("次序"), default=0, help_text=_("列表里的先后。"))
    is_active = models.BooleanField(_("在用"), default=True, help_text=_("停用的不能再选，已选的保留。"))

    objects = querysets.LadderQuerySet.as_manager()

    class Meta:
        verbose_name = _("基础设施类别")
        verbose_name_plural = _("基础设施类别")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its place among the rules."""
        return f"{reverse('facilities:rules')}#infrastructuretype"

    @property
    def usual_position(self) -> Position:
        """Where works of this kind are built, as long as nobody says otherwise of a project."""
        return Position.UNDERGROUND if self.underground else Position.ABOVE_GROUND
