"""The ground floor of the domain: divisions, reporting units, communities, periods, memberships."""

from communities.models.absences import Absence
from communities.models.divisions import Division, DivisionLevel, ReportingUnit, UnitKind, UnitMember
from communities.models.memberships import Membership
from communities.models.periods import PeriodState, ReportingMonth, ReportingPeriod, ReportingQuarter
from communities.models.places import (
    AreaKind,
    BuildCategory,
    Community,
    CommunityType,
    Placement,
    Population,
    Succession,
    SuccessionKind,
)
from communities.models.sample_day import SampleDay
from communities.models.terms import KeyRange, OwnTerm, no_overlap, term_in_order

__all__ = [
    "Absence",
    "AreaKind",
    "BuildCategory",
    "Community",
    "CommunityType",
    "Division",
    "DivisionLevel",
    "KeyRange",
    "Membership",
    "OwnTerm",
    "PeriodState",
    "Placement",
    "Population",
    "ReportingMonth",
    "ReportingPeriod",
    "ReportingQuarter",
    "ReportingUnit",
    "SampleDay",
    "Succession",
    "SuccessionKind",
    "UnitKind",
    "UnitMember",
    "no_overlap",
    "term_in_order",
]
