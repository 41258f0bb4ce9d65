"""Everything that was done to a community and to the records that stand in it, as one history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from communities.history_views import trails_of_place
from communities.models import Community
from coordination.models import Pairing
from core.history import Names, Trail, own, under
from facilities.history_views import step_words, trail_of_photos, trail_of_reports
from facilities.models import OrderingExemption, PlannedStage, Project, RedMark, StageEvent
from inspections.models import Inspection
from services.models import Organisation, ServiceCentre, Standardisation


def trails_of(user: Any, community: Community) -> list[Trail]:
    """The community first, then what stands in it; removed records too.

    Single scores are left to their inspection, whose submission is here.
    """
    key = community.pk
    return [
        own(community),
        *trails_of_place(key),
        under(Pairing, "team", community_id=key),
        under(Project, "name", community_id=key),
        Trail(StageEvent, {"project__community_id": key}, _stage, said=("project_id", "stage", "stage_before")),
        trail_of_reports(user, project__community_id=key),
        _by_project(under(PlannedStage, "stage", project__community_id=key)),
        _by_project(under(OrderingExemption, "rule", project__community_id=key)),
        _by_project(under(RedMark, "red_on", project__community_id=key)),
        _by_project(trail_of_photos(user, project__community_id=key)),
        under(ServiceCentre, "name", community_id=key),
        Trail(Standardisation, {"centre__community_id": key}, _acceptance, said=("centre_id", "valid_from")),
        under(Organisation, "name", community_id=key),
        under(Inspection, "inspected_on", community_id=key),
    ]


def _by_project(trail: Trail) -> Trail:
    """What a project's own history calls by less, with the project before it."""
    name = trail.name
    assert name is not None
    return replace(
        trail,
        name=lambda event, names: f"{names.of(Project, event.project_id)} · {name(event, names)}",
        said=("project_id", *trail.said),
    )


def _stage(event: Any, names: Names) -> str:
    return f"{names.of(Project, event.project_id)} · {step_words(event)}"


def _acceptance(event: Any, names: Names) -> str:
    return f"{names.of(ServiceCentre, event.centre_id)} · {event.valid_from}"
