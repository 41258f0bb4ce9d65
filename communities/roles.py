"""The roles of the business and the kind of place each is held for (docs/architecture.md, “Who sees what”)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is, at a place, for a term."""

    CITY_OFFICE = "city_office", _("市新社区办")
    LEADER = "leader", _("市领导")
    COUNTY_ENTRY = "county_entry", _("县专班填报")
    COUNTY_REVIEWER = "county_reviewer", _("县专班审核")
    INSPECTOR = "inspector", _("检查组")
    WORK_TEAM = "work_team", _("包保工作队")
    DEPUTY = "deputy", _("代表委员")


CITY_ROLES = frozenset({Role.CITY_OFFICE, Role.LEADER})
UNIT_ROLES = frozenset({Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER})
COMMUNITY_ROLES = frozenset({Role.INSPECTOR, Role.WORK_TEAM, Role.DEPUTY})
EVERYBODY = frozenset(Role)
