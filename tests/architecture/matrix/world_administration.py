"""The records of the three administrators' pages, and of everybody's own tokens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts import token_actions
from accounts.audit import record
from accounts.models import AuditVerb, User
from communities.models import ReportingUnit
from communities.roles import Role
from tests import factories


def shared_records() -> dict[str, Any]:
    """What belongs to no unit: an account that nobody uses, an entry of the log."""
    return {
        "account": factories.make_user(username="account.to.administer"),
        "membership": factories.grant(factories.make_user(), Role.LEADER, valid_until=dt.date(2099, 1, 1)),
        "entry": record(AuditVerb.ACCOUNT, actor=None, target="account.to.administer", detail={"act": "created"}),
    }


def token_of(user: User) -> Any:
    """A token of somebody."""
    return token_actions.issue_token(actor=user, name="测试")[0]


def stranger(unit: ReportingUnit) -> User:
    """Somebody of another unit."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=unit)
