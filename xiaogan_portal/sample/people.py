"""Sample accounts: one person for each role, with a random password that exists in this installation only."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Administrator, AdministratorKind, User
from communities.models import Community, Membership, Placement, ReportingUnit
from communities.roles import Role
from inspections.models import Inspection

SINCE = dt.date(2013, 3, 1)
OFFICE = "city", "示例·市新社区办"


@dataclass(frozen=True)
class Team:
    """Who reports and who reviews in a unit."""

    code: str
    entry: User
    reviewer: User


@dataclass(frozen=True)
class Account:
    """What `sample-accounts.json` says of one account."""

    username: str
    password: str
    role: str
    place: str


def _names_of(unit: ReportingUnit) -> dict[Role, tuple[str, str]]:
    """User name and full name of a unit's people, by role."""
    code = unit.code.lower()
    return {
        Role.COUNTY_ENTRY: (f"{code}_entry", f"示例·{unit.short_name}填报"),
        Role.COUNTY_REVIEWER: (f"{code}_review", f"示例·{unit.short_name}审核"),
    }


def make_teams() -> dict[int, Team]:
    """The people of each unit by its key, in statutory order, without a password until `make_accounts` gives one."""
    teams = {}
    for unit in ReportingUnit.objects.all():
        people = {role: _holder(*names, role, unit=unit) for role, names in _names_of(unit).items()}
        teams[unit.pk] = Team(unit.code, people[Role.COUNTY_ENTRY], people[Role.COUNTY_REVIEWER])
    return teams


def make_office() -> User:
    """The person of the city office, likewise."""
    return _holder(*OFFICE, Role.CITY_OFFICE)


def make_helper(unit: ReportingUnit) -> User:
    """A second person who fills in for a unit, without a password."""
    return _holder(f"{unit.code.lower()}_entry2", f"示例·{unit.short_name}填报二", Role.COUNTY_ENTRY, unit=unit)


def make_accounts() -> list[dict[str, Any]]:
    """Make (or renew) the sample accounts and return them with their passwords, in clear for the last time."""
    with transaction.atomic():
        accounts = [
            _person(*OFFICE, Role.CITY_OFFICE),
            _person("leader", "示例·市领导", Role.LEADER),
        ]
        for unit in ReportingUnit.objects.all():
            accounts += [_person(*names, role, unit=unit) for role, names in _names_of(unit).items()]
        accounts.append(_person("inspector", "示例·检查组", Role.INSPECTOR, communities=_stops()))
        pilot = list(Community.objects.filter(pilot_from__isnull=False).order_by("code")[:1])
        accounts.append(_person("team", "示例·包保工作队", Role.WORK_TEAM, communities=pilot))
        accounts.append(_person("deputy", "示例·代表委员", Role.DEPUTY, communities=pilot))
        accounts += [_administrator(kind) for kind in AdministratorKind]
    return [asdict(account) for account in accounts]


def _stops() -> list[Community]:
    """The inspector's stops: programme communities of the first unit, inspected or not."""
    placed = Placement.objects.current().programme().order_by("unit__order", "community__code")
    inspected = Inspection.objects.filter(round__quarter__year=2013, round__quarter__number=4).values("community")
    waiting = placed.exclude(community__in=inspected)[:4]
    return [row.community for row in [*placed[:6], *waiting]]


def _known(username: str, name: str) -> User:
    """The person of that user name, who cannot sign in where they were not there before."""
    fields = {
        "full_name": name,
        "is_sample": True,
        "password": make_password(None),
        "must_change_password": False,
    }
    return User.objects.get_or_create(username=username, defaults=fields)[0]


def _holder(username: str, name: str, role: Role, **place: Any) -> User:
    """The person, holding the role at the place."""
    user = _known(username, name)
    defaults = {"valid_from": SINCE, "reason": "示例", "is_sample": True}
    Membership.objects.get_or_create(user=user, role=role, **place, defaults=defaults)
    return user


def _user(username: str, name: str) -> tuple[User, str]:
    # The last two make sure of three kinds of characters, which the password rules ask for.
    password = secrets.token_urlsafe(12) + "-7Q"
    user = _known(username, name)
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    return user, password


def _person(
    username: str,
    name: str,
    role: Role,
    *,
    unit: ReportingUnit | None = None,
    communities: list[Community] | None = None,
) -> Account:
    user, password = _user(username, name)
    places: list[dict[str, Any]] = [{"unit": unit}] if unit or not communities else []
    places += [{"community": community} for community in dict.fromkeys(communities or [])]
    if role in (Role.INSPECTOR, Role.WORK_TEAM, Role.DEPUTY) and not communities:
        places = []
    for place in places:
        _holder(username, name, role, **place)
    where = unit.name if unit else "、".join(community.name for community in (communities or [])[:3]) or "全市"
    return Account(username, password, str(role.label), where)


def _administrator(kind: AdministratorKind) -> Account:
    user, password = _user(
        {"system": "sysadmin", "security": "secadmin", "audit": "auditadmin"}[kind], f"示例·{kind.label}"
    )
    Administrator.objects.get_or_create(user=user, defaults={"kind": kind})
    return Account(user.username, password, str(kind.label), "不进入业务")
