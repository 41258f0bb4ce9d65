"""The rows of the API. A resource has the rights of its pages: what cannot be seen or written there cannot be here."""

from __future__ import annotations

from tests.architecture.matrix.rows_administration import AUDIT, EVERYBODY, SECURITY, SYSTEM
from tests.architecture.matrix.walker import ALL, CITY, UNIT, Row

OFFICE = frozenset({"city_office"})
ENTRY = OFFICE | {"county_entry"}
REPORTERS = OFFICE | UNIT
SCORERS = OFFICE | {"inspector"}
NOBODY: frozenset[str] = frozenset()
RECIPIENT = frozenset({"county_entry"})


def resource(
    address: str,
    record: str,
    *,
    view: frozenset[str] = ALL,
    create: frozenset[str] = NOBODY,
    change: frozenset[str] = NOBODY,
    deeds: dict[str, frozenset[str]] | None = None,
    shared: bool = False,
    everywhere: frozenset[str] | None = None,
    files: bool = False,
) -> dict[str, Row]:
    """The list, the record and what can be done to it. `record` belongs to no unit where `shared`.

    `files`: one is added by a form with a file.
    """
    reach = (view if shared else CITY & view) if everywhere is None else everywhere
    rows = {
        "list": Row(
            view=view,
            edit=create,
            methods=("GET", "POST") if create else ("GET",),
            everywhere=view,
            api=True,
            files=files,
        ),
        "detail": Row(
            record,
            view=view,
            edit=change,
            methods=("GET", "PATCH") if change else ("GET",),
            shared=shared,
            everywhere=reach,
            api=True,
        ),
    }
    for path, edit in (deeds or {}).items():
        rows[path] = Row(record, view=view, edit=edit, methods=("POST",), shared=shared, everywhere=reach, api=True)
    return {f"api:{address}-{name}": row for name, row in rows.items()}


RESOURCES: dict[str, dict[str, Row]] = {
    "units": resource("units", "unit", shared=True),
    "divisions": resource("divisions", "division", shared=True),
    "communities": resource(
        "communities", "community", create=ENTRY, change=ENTRY, deeds={"move": OFFICE, "succeed": OFFICE}
    ),
    "placements": resource("placements", "placement"),
    "successions": resource("successions", "succession"),
    "months": resource(
        "months", "month", create=OFFICE, change=OFFICE, deeds={"close": OFFICE, "reopen": OFFICE}, shared=True
    ),
    "quarters": resource("quarters", "quarter", create=OFFICE, change=OFFICE, shared=True),
    "absences": resource(
        "absences", "absence", view=REPORTERS, create=REPORTERS, deeds={"end": REPORTERS}, everywhere=OFFICE
    ),
    "memberships": resource("memberships", "membership", view=OFFICE | SECURITY, everywhere=OFFICE | SECURITY),
    "documents": resource("documents", "document", change=OFFICE, shared=True),
    "teams": resource("teams", "team", create=OFFICE, shared=True),
    "pairings": resource("pairings", "pairing", create=OFFICE, deeds={"end": OFFICE}),
    "projects": resource(
        "projects",
        "project",
        create=ENTRY,
        change=ENTRY,
        deeds={"stage": OFFICE, "plan": ENTRY, "exempt": OFFICE, "withdraw": ENTRY},
    ),
    "plans": resource("plans", "plan"),
    "stage-definitions": resource("stage-definitions", "definition", change=OFFICE, shared=True),
    "infrastructure-types": resource(
        "infrastructure-types", "infrastructure", create=OFFICE, change=OFFICE, shared=True
    ),
    "ordering-rules": resource(
        "ordering-rules", "ordering_rule", create=OFFICE, change=OFFICE, deeds={"anew": OFFICE}, shared=True
    ),
    "ordering-exemptions": resource("ordering-exemptions", "exemption", deeds={"withdraw": OFFICE}),
    "light-thresholds": resource("light-thresholds", "threshold", create=OFFICE, change=OFFICE, shared=True),
    "red-marks": resource("red-marks", "red_mark"),
    "stages": resource("stages", "stage"),
    # A draft: the business of the unit and of the city office alone.
    "reports": resource(
        "reports",
        "draft",
        view=REPORTERS,
        create=REPORTERS,
        change=REPORTERS,
        deeds=dict.fromkeys(("submit", "withdraw", "approve", "return", "correct"), REPORTERS),
        everywhere=OFFICE,
    ),
    "photos": resource("photos", "photo", create=REPORTERS, deeds={"withdraw": REPORTERS}, files=True),
    "centres": resource("centres", "centre", create=ENTRY, change=ENTRY, deeds={"accept": OFFICE, "withdraw": OFFICE}),
    "standardisations": resource("standardisations", "standardisation"),
    "organisations": resource("organisations", "organisation", create=ENTRY, change=ENTRY, deeds={"end": ENTRY}),
    "standards": resource("standards", "standard", shared=True),
    "sheets": resource("sheets", "sheet", shared=True),
    "rounds": resource("rounds", "round", create=OFFICE, deeds={"close": OFFICE}, shared=True),
    "inspections": resource("inspections", "inspection", create=SCORERS, deeds={"score": SCORERS, "submit": SCORERS}),
    "published-figures": resource("published-figures", "published", shared=True),
    "notices": resource("notices", "delivery", view=RECIPIENT, deeds={"sign": RECIPIENT}, everywhere=NOBODY),
    "urgings": resource("urgings", "notice", view=OFFICE | RECIPIENT, everywhere=OFFICE),
    "jobs": resource("jobs", "job", view=SYSTEM, deeds={"retry": SYSTEM}, shared=True),
    "imports": resource(
        "imports",
        "batch",
        view=REPORTERS,
        create=ENTRY,
        deeds=dict.fromkeys(("columns", "apply", "discard", "undo"), ENTRY),
        everywhere=OFFICE,
        files=True,
    ),
    "import-rows": resource("import-rows", "staged_row", view=REPORTERS, everywhere=OFFICE),
    "audit": resource("audit", "entry", view=AUDIT, shared=True),
    "figures": {
        "api:indicators": Row(api=True),
        "api:figures": Row(api=True),
        "api:s_curve": Row(api=True),
        "api:facts": Row(kwargs={"quarter": "2013Q4", "indicator": "planned"}, api=True),
    },
}
# The list of reports is everybody's: approved ones are to be seen like their projects.
RESOURCES["reports"]["api:reports-list"] = Row(edit=REPORTERS, methods=("GET", "POST"), everywhere=ALL, api=True)
RESOURCES["reports"]["api:reports-unchanged"] = Row(edit=REPORTERS, methods=("POST",), api=True)
# The list of notices is everybody's own.
RESOURCES["notices"]["api:notices-list"] = Row(view=EVERYBODY, everywhere=EVERYBODY, api=True)
RESOURCES["urgings"]["api:urgings-list"] = Row(
    view=EVERYBODY, edit=OFFICE, methods=("GET", "POST"), everywhere=EVERYBODY, api=True
)
# It stands at the unit's other community.
RESOURCES["standardisations"]["api:standardisations-detail"] = Row("standardisation", view=CITY | UNIT, api=True)
API: dict[str, Row] = {name: row for rows in RESOURCES.values() for name, row in rows.items()}
