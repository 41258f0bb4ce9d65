"""The self-audit finds each fault that is planted, nothing else, and fails where a rule that must hold is broken."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from communities.models import Membership
from core.periods import today
from tests import factories
from xiaogan_portal import selfaudit

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def sound(settings: Any) -> None:
    """All three posts filled, by people who signed in today."""
    settings.SECOND_FACTOR_REQUIRED = []
    for kind in ("system", "security", "audit"):
        factories.make_user(administrator=kind, username=kind, last_login=timezone.now())


def found() -> dict[str, list[str]]:
    """The subjects of what was found, by rule; rules that hold are left out."""
    return {rule.code: [each.subject for each in rule.found] for rule in selfaudit.look() if rule.found}


def person(role: str | None = "leader", **fields: Any) -> User:
    fields.setdefault("last_login", timezone.now())
    return factories.make_user(role, username="zhou.min", full_name="周敏", **fields)


ZHOU = "周敏（zhou.min）"


def test_a_sound_portal_has_nothing_to_say() -> None:
    person()
    assert found() == {}
    assert not selfaudit.has_errors(selfaudit.look())


def test_idle_accounts() -> None:
    old = timezone.now() - 91 * DAY
    person(last_login=old, date_joined=old)
    factories.make_user("leader", username="new", last_login=None)
    factories.make_user("leader", username="never", full_name="", last_login=None, date_joined=old)
    factories.make_user("leader", username="gone", last_login=old, date_joined=old, is_active=False)
    assert found() == {"idle": ["never（never）", ZHOU]}
    assert "idle" not in {rule.code for rule in selfaudit.look(idle_days=92) if rule.found}


def test_terms_that_ran_out_and_those_that_end_soon() -> None:
    person(valid_until=today() - DAY)
    factories.make_user(
        "leader", username="soon", full_name="将到", valid_until=today() + 30 * DAY, last_login=timezone.now()
    )
    factories.make_user("leader", username="later", valid_until=today() + 31 * DAY, last_login=timezone.now())
    assert found() == {"run_out": [ZHOU], "ending": ["将到（soon）"]}


def test_accounts_without_a_role() -> None:
    person(None)
    assert found() == {"without_role": [ZHOU]}


def test_entry_and_review_of_one_unit(units: Any) -> None:
    both = person("county_entry", unit=units["XC"])
    factories.grant(both, "county_reviewer", unit=units["DW"])
    assert found() == {}
    factories.grant(both, "county_reviewer", unit=units["XC"])
    assert found() == {"apart": [ZHOU]}


def test_one_time_passwords_that_were_not_changed() -> None:
    User.objects.filter(pk=person().pk).update(must_change_password=True, password_changed_at=timezone.now() - 8 * DAY)
    assert found() == {"one_time": [ZHOU]}


def test_missing_second_factors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = ["leader"]
    person()
    assert found() == {"factor": [ZHOU]}


def test_an_empty_post_and_unsafe_settings_are_errors(settings: Any) -> None:
    User.objects.filter(username="audit").update(is_active=False)
    settings.AUDIT_KEEP_DAYS = 100
    assert found() == {"posts_filled": ["审计管理员"], "settings": ["portal.E012"]}
    assert selfaudit.has_errors(selfaudit.look())


def test_sample_accounts_on_a_server(settings: Any) -> None:
    User.objects.filter(pk=person().pk).update(is_sample=True)
    settings.EMBEDDED = False
    assert found()["no_samples"] == [ZHOU]


def test_the_command_prints_a_table_or_json_and_fails_on_errors() -> None:
    person(None)
    out = io.StringIO()
    call_command("selfaudit", stdout=out)
    assert (
        "[请留意] 每个账号都有岗位：不符 1 处。" in out.getvalue()
        and f"    {ZHOU}  从来没有授过岗位。" in out.getvalue()
    )
    User.objects.filter(username="audit").update(is_active=False)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("selfaudit", "--json", stdout=out)
    assert ended.value.code == 1
    rules = {rule["code"]: rule for rule in json.loads(out.getvalue())}
    assert rules["posts_filled"]["level"] == "error" and rules["without_role"]["found"][0]["subject"] == ZHOU


def test_the_page_leads_the_security_administrator_to_the_person(as_user: Any) -> None:
    zhou = person(None)
    page = {kind: as_user(User.objects.get(username=kind)).get("/people/selfaudit/") for kind in ("security", "audit")}
    assert all(ZHOU in answer.content.decode() for answer in page.values())
    link = f'href="/communities/memberships/people/{zhou.pk}/"'
    assert [link in page[kind].content.decode() for kind in page] == [True, False]
    assert not Membership.objects.exists()


def test_the_workbook_has_a_line_for_each_finding_and_for_each_rule_that_holds(as_user: Any) -> None:
    person(None)
    answer: Any = as_user(User.objects.get(username="audit")).get("/people/selfaudit/?export=xlsx")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    rows = lines[lines.index(next(line for line in lines if line[0] == "规则")) + 1 : -1]
    assert rows[0][:4] == ["每个账号都有岗位", "请留意", ZHOU, "从来没有授过岗位。"]
    assert len(rows) == len(selfaudit.look()) and {row[1] for row in rows[1:]} == {"好"}
