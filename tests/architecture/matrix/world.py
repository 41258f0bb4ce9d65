"""Two units with one of everything in each, and one person for every role in the first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import User
from communities.models import Absence, Placement, ReportingMonth, ReportingUnit
from communities.roles import Role
from coordination.models import Pairing, PolicyDocument, SupportTeam
from facilities import notice_kinds
from facilities.models import (
    FacilityKind,
    InfrastructureType,
    LightThreshold,
    OrderingExemption,
    OrderingRule,
    PlannedStage,
    RedMark,
    StageDefinition,
)
from facilities.workflow import Stage
from jobs.models import Job
from notices.actions import send
from notices.models import Delivery
from services.models import Organisation, ServiceCentre, Standardisation
from tests import factories
from tests.architecture.matrix import world_administration as administration
from tests.architecture.matrix import world_imports as imports

DAY = dt.date(2013, 6, 1)
# A person's name in the matrix: the role, or one of the administrators, or nobody in particular.
PEOPLE = [*(str(role) for role in Role), "system", "security", "audit", "nobody", "expired"]


@dataclass
class World:
    """Records by place (`own`, `foreign`) and kind, and people by name."""

    people: dict[str, User]
    records: dict[str, dict[str, Any]]
    marks: dict[str, str]


def build() -> World:
    """The own unit is 孝昌, the foreign one 大悟; all roles are held in the own one."""
    units = factories.make_units()
    quarter = factories.make_quarter(2013, 4)
    month = ReportingMonth.objects.create(
        year=2013, number=12, opens_on=dt.date(2013, 12, 1), due_on=dt.date(2014, 1, 6), state="open"
    )
    document = PolicyDocument.objects.create(title="测试文件")
    sheet = factories.make_sheet()
    round_ = factories.make_round(quarter, sheet)
    common = {"quarter": quarter, "month": month, "document": document, "sheet": sheet, "round": round_}
    common["job"] = Job.objects.create(kind="test", key="XC", state="parked", finished_at=timezone.now())
    common |= administration.shared_records() | _rules()
    marks = {"own": "本县标记", "foreign": "外县标记"}
    records = {
        "own": {**common, **_place(units["XC"], marks["own"], round_)},
        "foreign": {**common, **_place(units["DW"], marks["foreign"], round_)},
    }
    for place in records.values():
        place.update(_reports(place["community"], month))
    people = _people(units["XC"], records["own"]["community"])
    for place in records.values():
        place.update(imports.upload_of(place["unit"], place["community"], people))
    records["own"]["token"] = administration.token_of(people[Role.COUNTY_ENTRY])
    _tell(people[Role.COUNTY_ENTRY], records["own"], marks["own"])
    _tell(administration.stranger(units["DW"]), records["foreign"], marks["foreign"])
    records["foreign"]["token"] = administration.token_of(administration.stranger(units["DW"]))
    return World(people, records, marks)


def _place(unit: ReportingUnit, mark: str, round_: Any) -> dict[str, Any]:
    community = factories.make_community(unit, name=f"{mark}社区", code=f"{unit.code}-P-001", pilot_from=DAY)
    existing = factories.make_community(unit, name=f"{mark}老社区", code=f"{unit.code}-E-001", population="existing")
    kind = FacilityKind.SERVICE_CENTRE
    project = factories.make_project(community, kind, (Stage.STARTED, DAY), name=f"{mark}中心工程")
    centre = ServiceCentre.objects.create(community=community, project=project, name=f"{mark}中心")
    old_centre = ServiceCentre.objects.create(community=existing, name=f"{mark}老中心")
    accepted = Standardisation.objects.create(centre=old_centre, valid_from=DAY)
    # Teams are everybody's to read: no mark in the name, so that a foreign pilot beside it shows.
    team = SupportTeam.objects.create(name=f"{unit.code}工作队", department="市直部门")
    fields: dict[str, Any] = {"kind": "party", "counting_rule": "party", "valid_from": DAY}
    organisation = Organisation.objects.create(name=f"{mark}党支部", community=community, **fields)
    Organisation.objects.create(name=f"{mark}村党支部", unit=unit, village_name=f"{mark}村", **fields)
    return {
        "unit": unit,
        "community": community,
        "placement": Placement.objects.get(community=community),
        "project": project,
        "centre": centre,
        "standardisation": accepted,
        "organisation": organisation,
        "inspection": factories.make_inspection(round_, community),
        "team": team,
        "absence": _absence(unit, mark),
        **_judged(community, project, mark),
        "pairing": Pairing.objects.create(team=team, community=community, valid_from=DAY),
    }


def _rules() -> dict[str, Any]:
    """What construction is judged by: everybody's to read, the city office's to change."""
    rule = OrderingRule.objects.create(
        code="centre_first",
        family="sequence",
        name="先中心后商铺",
        first="platform",
        then="commercial",
        measure="started",
        statement="测试口径",
        valid_from=DAY,
    )
    numbers = {"yellow_points": 10, "red_points": 30, "start_red_days": 90, "finish_red_days": 90}
    return {
        "definition": StageDefinition.objects.create(stage=Stage.STARTED, definition="测试口径", needs_photo=True),
        "infrastructure": InfrastructureType.objects.create(code="water", name="给水"),
        "ordering_rule": rule,
        "threshold": LightThreshold.objects.create(valid_from=DAY, source="测试", **numbers),
    }


def _judged(community: Any, centre: Any, mark: str) -> dict[str, Any]:
    """A project that went before the centre, one that may, a plan and a mark of a red light."""
    centre.is_platform = True
    centre.save(update_fields=["is_platform"])
    rule = OrderingRule.objects.get(code="centre_first")
    begun = (Stage.STARTED, dt.date(2013, 5, 1))
    early, exempt = (
        factories.make_project(community, FacilityKind.COMMERCIAL, begun, name=f"{mark}商铺{number}")
        for number in (1, 2)
    )
    OrderingRule.objects.filter(pk=rule.pk).update(valid_from=dt.date(2013, 1, 1))
    office = factories.make_user(full_name="测试市办")
    return {
        "early": early,
        "exemption": OrderingExemption.objects.create(
            rule=rule, project=exempt, reason=f"{mark}纪要", granted_by=office
        ),
        "plan": PlannedStage.objects.create(project=centre, stage=Stage.TOPPED_OUT, planned_on=DAY),
        "red_mark": RedMark.objects.create(project=centre, red_on=DAY, sentence=f"{mark}晚了"),
    }


def _absence(unit: ReportingUnit, mark: str) -> Absence:
    """Somebody of the unit is away, for good as far as a test goes."""
    person = factories.make_user(Role.COUNTY_REVIEWER, unit=unit, full_name=f"{mark}审核")
    return Absence.objects.create(user=person, first_day=DAY, last_day=dt.date(2099, 1, 1), reason="测试")


def _reports(community: Any, month: ReportingMonth) -> dict[str, Any]:
    """A report that waits and one that is approved, with a photo, each of a project of its own."""
    waiting, done = (
        factories.make_project(community, kind, (Stage.STARTED, DAY), name=f"{community.name}{kind}")
        for kind in (FacilityKind.CLINIC, FacilityKind.ELDERLY_CARE)
    )
    author = factories.make_user(Role.COUNTY_ENTRY, unit=Placement.objects.get(community=community).unit)
    photo = factories.make_photo(done, month, spot=f"{community.name}东门", by=author)
    return {
        "photo": photo,
        "report": factories.make_report(waiting, month, "submitted", text=f"{community.name}月报"),
        "approved_report": factories.make_report(done, month),
    }


def _tell(person: User, records: dict[str, Any], mark: str) -> None:
    """A notice for one person, with the mark in everything it says."""
    words: dict[str, Any] = {"title": f"{mark}通知", "body": f"{mark}内容", "link": "/projects/"}
    sent = send(notice_kinds.URGED, [person], about=f"month:{mark}", step="1", **words)
    assert sent is not None
    records["notice"] = sent.notice
    records["delivery"] = Delivery.objects.get(notice=sent.notice, channel="portal")


def _people(unit: ReportingUnit, community: Any) -> dict[str, User]:
    places: dict[str, dict[str, Any]] = {
        Role.COUNTY_ENTRY: {"unit": unit},
        Role.COUNTY_REVIEWER: {"unit": unit},
        Role.INSPECTOR: {"community": community},
        Role.WORK_TEAM: {"community": community},
        Role.DEPUTY: {"community": community},
    }
    people = {str(role): factories.make_user(role, **places.get(role, {})) for role in Role}
    for kind in ("system", "security", "audit"):
        people[kind] = factories.make_user(administrator=kind)
    people["nobody"] = factories.make_user()
    # A term that ended: the person was the city office until a day long past.
    people["expired"] = factories.make_user(Role.CITY_OFFICE, valid_until=dt.date(2013, 1, 1))
    return people
