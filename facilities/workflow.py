"""The ladder of stages. Source of the order: common practice of construction reporting; the four that figures
count (动工, 主体施工, 基本建成 and, for centres, acceptance elsewhere) are named by the city's report of 2014-02-26.
Their exact definitions are not public, so they are marked as presumed (推定) wherever they are shown.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.IntegerChoices):
    """How far a project has come. A project's stage and a service centre's standardisation are separate things."""

    CONCEIVED = 0, _("谋划")
    SITED = 1, _("规划选址")
    LAND = 2, _("用地落实")
    APPROVED = 3, _("设计审批")
    TENDERED = 4, _("招标和施工许可")
    STARTED = 5, _("动工")
    FOUNDATION = 6, _("基础")
    MAIN_WORKS = 7, _("主体施工")
    TOPPED_OUT = 8, _("主体封顶")
    FITTING_OUT = 9, _("装修配套")
    BASICALLY_BUILT = 10, _("基本建成")
    ACCEPTED = 11, _("竣工验收")
    IN_USE = 12, _("投入使用")


def is_step_back(before: int | None, after: int) -> bool:
    """Whether a move is a step back (or a repeat), which needs a reason. The first stage never is."""
    return before is not None and after <= before
