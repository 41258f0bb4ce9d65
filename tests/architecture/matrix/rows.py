"""The row of every route: who may see, who may change. A route without a row fails the matrix."""

from __future__ import annotations

from tests.architecture.matrix.rows_administration import ACCOUNTS, MEMBERSHIPS, SELFAUDIT
from tests.architecture.matrix.walker import ALL, CITY, UNIT, Row

OFFICE = frozenset({"city_office"})
ENTRY = OFFICE | {"county_entry"}
RECIPIENT = frozenset({"county_entry"})
REPORTERS = ENTRY | {"county_reviewer"}
REVIEWERS = OFFICE | {"county_reviewer"}
SCORERS = OFFICE | {"inspector"}
SYSTEM = frozenset({"system"})
POST = ("POST",)
FORM = ("GET", "POST")
MONTH = {"month": "2013-12"}


def form(record: str, edit: frozenset[str], *, shared: bool = False) -> Row:
    """A form on one record: even reading it needs the right to change."""
    return Row(record, edit=edit, methods=FORM, form=True, shared=shared)


def button(record: str, edit: frozenset[str], *, shared: bool = False) -> Row:
    """One POST on one record."""
    return Row(record, edit=edit, methods=POST, shared=shared)


def add(edit: frozenset[str]) -> Row:
    """A form that adds a record: closed to everybody who may add none."""
    return Row(view=edit, edit=edit, methods=FORM, form=True, everywhere=edit & {"city_office"})


COMMUNITIES = {
    "list": Row(),
    "create": add(ENTRY),
    "detail": Row("community"),
    "edit": form("community", ENTRY),
    "move": form("community", OFFICE),
    "succeed": form("community", OFFICE),
    "history": Row("community"),
    "absences": Row(view=REPORTERS),
    "absence_create": add(REPORTERS),
    "absence_end": Row("absence", view=REPORTERS, edit=REPORTERS, methods=POST, everywhere=OFFICE),
    "absence_history": Row("absence", view=REPORTERS, everywhere=OFFICE),
    "periods": Row(),
    "month_close": button("month", OFFICE, shared=True),
    "month_reopen": button("month", OFFICE, shared=True),
}
for period in ("month", "quarter"):
    COMMUNITIES |= {
        f"{period}_open": add(OFFICE),
        f"{period}_due": form(period, OFFICE, shared=True),
        f"{period}_history": Row(period, shared=True),
    }

COMMUNITIES |= MEMBERSHIPS

COORDINATION = {
    "documents": Row(),
    "document": Row("document", shared=True),
    "document_edit": form("document", OFFICE, shared=True),
    "teams": Row(),
    "team_create": add(OFFICE),
    "team": Row("team", everywhere=ALL),
    "pairings": Row(),
    "pairing_create": add(OFFICE),
    "pairing_end": form("pairing", OFFICE),
    "pairing_history": Row("pairing"),
}

FACILITIES = {
    "list": Row(),
    "create": add(ENTRY),
    "detail": Row("project"),
    "edit": form("project", ENTRY),
    "stage": form("project", OFFICE),
    "plan": form("project", ENTRY),
    "withdraw": form("project", ENTRY),
    "ordering": Row(),
    "exempt": Row("early", edit=OFFICE, methods=FORM, form=True, kwargs={"rule": "centre_first"}),
    "exemption_withdraw": form("exemption", OFFICE),
    "rules": Row(),
    "rules_history": Row(),
    "definition_edit": form("definition", OFFICE, shared=True),
    "infrastructure_create": add(OFFICE),
    "infrastructure_edit": form("infrastructure", OFFICE, shared=True),
    "ordering_rule_create": add(OFFICE),
    "ordering_rule_edit": form("ordering_rule", OFFICE, shared=True),
    "ordering_rule_anew": form("ordering_rule", OFFICE, shared=True),
    "thresholds_create": add(OFFICE),
    "thresholds_edit": form("threshold", OFFICE, shared=True),
    "history": Row("project"),
    "reports": Row(),
    "report": Row("report", view=REPORTERS, everywhere=OFFICE),
    "report_withdraw": Row("report", view=REPORTERS, edit=frozenset({"county_entry"}), methods=POST, everywhere=OFFICE),
    "report_correct": form("approved_report", REPORTERS),
    "review": Row(view=REVIEWERS, everywhere=OFFICE),
    "batch": Row(view=REPORTERS, edit=REPORTERS, methods=FORM, everywhere=OFFICE, kwargs=MONTH),
    "batch_drafts": Row(view=REPORTERS, edit=REPORTERS, methods=POST, everywhere=OFFICE, kwargs=MONTH),
    "batch_withdraw": Row(view=REPORTERS, edit=REPORTERS, methods=POST, everywhere=OFFICE, kwargs=MONTH),
    "report_form": Row("project", edit=REPORTERS, methods=FORM, form=True, kwargs=MONTH),
    "report_draft": Row("project", edit=REPORTERS, methods=POST, kwargs=MONTH),
    "report_unchanged": Row("project", edit=REPORTERS, methods=POST, kwargs=MONTH),
    "report_photos": Row("project", edit=REPORTERS, methods=FORM, form=True, kwargs=MONTH),
    "stage_photos": form("project", OFFICE),
    "photo": Row("photo"),
    "photo_thumb": Row("photo"),
    "photo_display": Row("photo"),
    # With the place where it was taken: for the unit and the city office.
    "photo_original": Row("photo", edit=REPORTERS, form=True),
    "photo_withdraw": form("photo", REPORTERS),
}
for decision in ("approve", "return"):
    FACILITIES |= {
        f"report_{decision}": Row("report", view=REPORTERS, edit=REVIEWERS, methods=POST, everywhere=OFFICE),
        f"review_{decision}": Row(view=REVIEWERS, edit=REVIEWERS, methods=POST, everywhere=OFFICE),
    }

SERVICES = {
    "centres": Row(),
    "centre_create": add(ENTRY),
    "centre": Row("centre"),
    "centre_edit": form("centre", ENTRY),
    "accept": form("centre", OFFICE),
    "withdraw": form("centre", OFFICE),
    "centre_history": Row("centre"),
    "organisations": Row(),
    "organisation_create": add(ENTRY),
    "organisation": Row("organisation"),
    "organisation_edit": form("organisation", ENTRY),
    "organisation_end": form("organisation", ENTRY),
    "organisation_history": Row("organisation"),
}

INSPECTIONS = {
    "list": Row(),
    "create": add(SCORERS),
    "detail": Row("inspection"),
    "score": form("inspection", SCORERS),
    "submit": form("inspection", SCORERS),
    "history": Row("inspection"),
    "rounds": Row(),
    "round_open": add(OFFICE),
    "round": Row("round", shared=True),
    "close": form("round", OFFICE, shared=True),
    "round_history": Row("round", shared=True),
    "sheet": Row("sheet", shared=True),
    "sheet_history": Row("sheet", shared=True),
}

# Everybody has a first page, and only their own: without a role it says who grants them.
SIGNED_IN = ALL | {"system", "security", "audit", "nobody", "expired"}
DASHBOARDS = {
    "home": Row(view=SIGNED_IN),
    "community": Row("community"),
    "community_card": Row("community"),
    "community_history": Row("community"),
    "reference": Row(),
    "looked": Row(view=SIGNED_IN, edit=SIGNED_IN, methods=POST),
    "completeness": Row(view=CITY | REPORTERS),
    "urge": form("month", OFFICE, shared=True),
    "leader": Row(),
    "construction": Row(),
    "facts": Row(kwargs={"quarter": "2013Q4", "indicator": "planned"}),
    "losses": Row(kwargs={"quarter": "2013Q4"}),
    "ranking": add(OFFICE),
    "wall": Row(view=OFFICE | {"leader"}, everywhere=OFFICE | {"leader"}),
}

# Everybody's own mail; what was sent is followed by who sent it and by the city office.
NOTICES = {
    "list": Row(view=SIGNED_IN),
    "sent": Row(view=SIGNED_IN),
    "seen": Row(view=SIGNED_IN, edit=SIGNED_IN, methods=POST),
    "sign_all": Row(view=SIGNED_IN, edit=SIGNED_IN, methods=POST),
    "sign": Row("delivery", view=RECIPIENT, edit=RECIPIENT, methods=POST, everywhere=frozenset()),
    "detail": Row("notice", view=OFFICE | RECIPIENT, everywhere=OFFICE),
    "history": Row("notice", view=OFFICE | RECIPIENT, everywhere=OFFICE),
}

JOBS = {
    "list": Row(view=SYSTEM, everywhere=SYSTEM),
    "retry": Row("job", view=SYSTEM, edit=SYSTEM, methods=POST, shared=True, everywhere=SYSTEM),
}

# A batch belongs to a unit; the unit's people see it, its entry team and the city office act on it. It may hold a
# month's drafts, so nobody else of the city does.
IMPORTS = UNIT | OFFICE
EXCHANGE = {
    "list": Row(view=IMPORTS, everywhere=OFFICE),
    "upload": add(ENTRY),
    "template": Row(view=ENTRY, everywhere=OFFICE),
    "columns": Row("batch", view=IMPORTS, edit=ENTRY, methods=FORM, form=True, everywhere=OFFICE),
}
for page in ("batch", "original", "red", "history"):
    EXCHANGE[page] = Row("batch", view=IMPORTS, everywhere=OFFICE)
for act in ("apply", "discard", "undo"):
    EXCHANGE[act] = Row("batch", view=IMPORTS, edit=ENTRY, methods=POST, everywhere=OFFICE)

APPS = {
    "accounts": ACCOUNTS,
    "communities": COMMUNITIES,
    "coordination": COORDINATION,
    "facilities": FACILITIES,
    "services": SERVICES,
    "inspections": INSPECTIONS,
    "dashboards": DASHBOARDS,
    "notices": NOTICES,
    "jobs": JOBS,
    "exchange": EXCHANGE,
}
ROWS: dict[str, Row] = {f"{app}:{name}": row for app, rows in APPS.items() for name, row in rows.items()}
ROWS |= SELFAUDIT
