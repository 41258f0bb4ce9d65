"""Reference data of the ground floor: the statutory tree, the ten reporting units, the zones' townships."""

from __future__ import annotations

import datetime as dt

from communities.models import Division, DivisionLevel, ReportingUnit, UnitKind, UnitMember
from communities.querysets import DivisionQuerySet
from core.reference import Loaded, rows_of, upsert

# The catalogue's own date. Since when a code has existed before that is not known from it.
CATALOGUE_DATE = dt.date(2023, 6, 30)
_SHORT_NAMES = {
    "XN": "孝南",
    "XC": "孝昌",
    "DW": "大悟",
    "YM": "云梦",
    "YC": "应城",
    "AL": "安陆",
    "HC": "汉川",
    "GX": "高新区",
    "LK": "临空区",
    "SF": "双峰山",
}
_KINDS = {"县市区": UnitKind.COUNTY, "市直三区": UnitKind.ZONE}
_SAME = "同上"


def load() -> list[Loaded]:
    """Divisions, units and the townships that the zones answer for. Returns what became of each kind."""
    return [_load_divisions(), _load_units(), _load_members()]


def divisions_of(unit: ReportingUnit) -> DivisionQuerySet:
    """The townships and villages that a unit answers for: a zone's are not in its host county."""
    return Division.objects.of_unit(unit)


def villages_of(unit: ReportingUnit) -> DivisionQuerySet:
    """The village-level divisions that a unit answers for."""
    return divisions_of(unit).filter(level=DivisionLevel.VILLAGE)


def _load_divisions() -> Loaded:
    rows = rows_of("divisions_2023.csv")
    parents: dict[str, Division] = {}
    done: list[Loaded] = []
    for level in DivisionLevel.values:  # from the province down: a child needs its parent's key
        wanted = [row for row in rows if row["level"] == level]
        done.append(
            upsert(
                Division,
                [
                    {
                        "code": row["code"],
                        "name": row["name"],
                        "level": level,
                        "parent": parents.get(row["parent_code"]),
                        "valid_from": CATALOGUE_DATE,
                    }
                    for row in wanted
                ],
                key=("code", "valid_from"),
            )
        )
        parents = {each.code: each for each in Division.objects.filter(level=level, valid_from=CATALOGUE_DATE)}
    return Loaded(done[-1].kind, done[-1].total, sum(d.added for d in done), sum(d.changed for d in done))


def _load_units() -> Loaded:
    divisions = {each.code: each for each in Division.objects.filter(level=DivisionLevel.COUNTY)}
    units, above = [], ""
    for order, row in enumerate(rows_of("reporting_units.csv"), 1):
        above = _source(row["source"], above)
        units.append(
            {
                "code": row["unit_code"],
                "name": row["name"],
                "short_name": _SHORT_NAMES[row["unit_code"]],
                "kind": _KINDS[row["kind"]],
                "order": order,
                "division": divisions[row["division_code"]] if row["division_code"] else None,
                "source": above,
                "certainty": row["certainty"],
            }
        )
    return upsert(ReportingUnit, units, key=("code",))


def _source(text: str, above: str) -> str:
    """The file writes “as above” for what the row above says first; a record must say it itself."""
    if text == _SAME:
        return above
    return above.split(";")[0] + text.removeprefix(_SAME) if text.startswith(_SAME) else text


def _load_members() -> Loaded:
    units = {each.code: each for each in ReportingUnit.objects.all()}
    townships = {each.code: each for each in Division.objects.filter(level=DivisionLevel.TOWN)}
    rows = [
        {"unit": units[row["unit_code"]], "division": townships[code.strip()]}
        for row in rows_of("reporting_units.csv")
        for code in row["members"].split(";")
        if code.strip()
    ]
    return upsert(UnitMember, rows, key=("division",))
