"""Words of the ordering rules: families, traits of projects, and the dates that are compared. No database access."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from facilities.workflow import Stage


class Family(models.TextChoices):
    """The two sets of rules that the city's report names."""

    SEQUENCE = "sequence", _("三先三后")
    PRIORITY = "priority", _("三个优先")


class Trait(models.TextChoices):
    """What makes a project one that comes first, or later."""

    UNDERGROUND = "underground", _("地下工程")
    ABOVE_GROUND = "above", _("地上工程")
    PLATFORM = "platform", _("服务平台")
    HOUSING = "housing", _("住房")
    RESETTLEMENT = "resettlement", _("还建房")
    COMMERCIAL = "commercial", _("商业开发")


class Measure(models.TextChoices):
    """Which date of both projects is compared."""

    PLANNED = "planned", _("计划开工日期")
    SITED = "sited", _("规划选址日期")
    STARTED = "started", _("动工日期")


# The step of the ladder behind a measure; the planned date has none.
STAGE_OF = {Measure.SITED: Stage.SITED, Measure.STARTED: Stage.STARTED}
