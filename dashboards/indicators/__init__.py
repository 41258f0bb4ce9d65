"""All indicators, in the order in which they are shown. Codes are stored in figures: one that has been used stays."""

from __future__ import annotations

from django.db.models import Value
from django.db.models.expressions import Combinable

from dashboards.indicators.base import Indicator, Sort
from dashboards.indicators.construction import (
    BuiltRate,
    Projects,
    ProjectsBuilt,
    ProjectsInUse,
    ProjectsMainWorks,
    ProjectsStarted,
    StartedRate,
)
from dashboards.indicators.families import members, readings
from dashboards.indicators.money import (
    ArrivedFunds,
    ArrivedRate,
    FundsIndicator,
    Invested,
    InvestedRate,
    PaidFunds,
    PlannedFunds,
)
from dashboards.indicators.programme import CentresBegun, CentresBuilt, Pilots, Planned, Started
from dashboards.indicators.reporting import Completeness, LateReports, Timeliness
from dashboards.indicators.rounds import AverageScore, InspectedShare
from dashboards.indicators.rules import (
    GreenLights,
    NotDueLights,
    OnceRed,
    OutOfOrder,
    RedLights,
    UnknownLights,
    YellowLights,
)
from dashboards.indicators.systems import (
    AutonomousOrganisations,
    Existing,
    PartyOrganisations,
    SocialOrganisations,
    Standardised,
    StandardisedRate,
)
from facilities.money import Source

__all__ = ["READINGS", "REGISTRY", "Indicator", "Sort"]

_FUNDS: tuple[FundsIndicator, ...] = (PlannedFunds(), ArrivedFunds(), PaidFunds())

_SINGLE: tuple[Indicator, ...] = (
    Planned(),
    Started(),
    CentresBegun(),
    CentresBuilt(),
    Existing(),
    Standardised(),
    StandardisedRate(),
    PartyOrganisations(),
    AutonomousOrganisations(),
    SocialOrganisations(),
    Pilots(),
    AverageScore(),
    InspectedShare(),
    Projects(),
    ProjectsStarted(),
    ProjectsMainWorks(),
    ProjectsBuilt(),
    ProjectsInUse(),
    StartedRate(),
    BuiltRate(),
    PlannedFunds(),
    Invested(),
    ArrivedFunds(),
    PaidFunds(),
    InvestedRate(),
    ArrivedRate(),
    LateReports(),
    Timeliness(),
    Completeness(),
    YellowLights(),
    RedLights(),
    GreenLights(),
    NotDueLights(),
    UnknownLights(),
    OnceRed(),
    OutOfOrder(),
    *(funds.of_source(source) for funds in _FUNDS for source in Source),
)
REGISTRY: dict[str, Indicator] = {indicator.code: indicator for indicator in (*_SINGLE, *members())}

# What the roll-up reads: each reading's facts, with the code of the figure that a fact is in.
READINGS: list[tuple[Combinable, Indicator]] = [
    *((Value(indicator.code), indicator) for indicator in _SINGLE),
    *readings(),
]
