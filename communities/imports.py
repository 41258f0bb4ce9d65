"""The register of communities from Excel: what is known of a unit's communities, and new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from communities import actions
from communities.actions.checks import check_day
from communities.models import (
    AreaKind,
    BuildCategory,
    Community,
    CommunityType,
    Division,
    DivisionLevel,
    Placement,
    Population,
    ReportingUnit,
)
from core.errors import RuleViolation
from core.sentences import gettext as _t
from core.sentences import said
from exchange.registry import CellKind, Choices, ImportColumn, Row, RowRefused, Staged, Target, Words, named_by_row
from exchange.workflow import Outcome

# What the sheet may change of a community that is known, and what it only shows of it: that is moved by decision.
DETAILS = ("name", "area_kind", "households", "residents", "division", "longitude", "latitude")
PLACED = ("type", "population", "category", "valid_from")
_LARGEST = 5_000_000


def _choices(kinds: Any) -> Any:
    return lambda: [(str(code), str(label)) for code, label in kinds.choices]


def _help(model: Any, field: str) -> Words:
    words: Words = model._meta.get_field(field).help_text
    return words


class CommunityTarget(Target):
    """A unit's communities. A row with a code is that community; one without is matched by its name, or is new."""

    code: ClassVar[str] = "communities"
    label: ClassVar[Words] = _("社区")
    rule: ClassVar[Words] = _("类型、口径、建设类别和起始日期只在登记新社区时填；已登记的由市新社区办“调整归属”。")
    columns: ClassVar[Sequence[ImportColumn]] = (
        ImportColumn("code", _("编号"), CellKind.CODE, _("不要改；新社区留空，自动编。"), key=True, longest=20),
        ImportColumn(
            "name",
            _("名称"),
            required=True,
            longest=50,
            aliases=(_("社区"), _("社区名称"), _("社区全称")),
            help=_help(Community, "name"),
        ),
        ImportColumn(
            "type",
            _("类型"),
            CellKind.CHOICE,
            _help(Placement, "type"),
            choices=_choices(CommunityType),
            aliases=(_("社区类型"),),
        ),
        ImportColumn(
            "population", _("口径"), CellKind.CHOICE, _help(Placement, "population"), choices=_choices(Population)
        ),
        ImportColumn(
            "category", _("建设类别"), CellKind.CHOICE, _help(Placement, "category"), choices=_choices(BuildCategory)
        ),
        ImportColumn("valid_from", _("起始日期"), CellKind.DAY, _help(Placement, "valid_from")),
        ImportColumn(
            "area_kind", _("区位"), CellKind.CHOICE, _help(Community, "area_kind"), choices=_choices(AreaKind)
        ),
        ImportColumn(
            "households",
            _("户数"),
            CellKind.WHOLE,
            _help(Community, "households"),
            most=_LARGEST,
            unit=_("户"),
            aliases=(_("总户数"),),
        ),
        ImportColumn(
            "residents",
            _("人口"),
            CellKind.WHOLE,
            _help(Community, "residents"),
            most=_LARGEST,
            unit=_("人"),
            aliases=(_("常住人口"), _("人口数"), _("总人口")),
        ),
        ImportColumn(
            "division", _("乡镇街道"), help=_help(Community, "division"), longest=50, aliases=(_("所在乡镇"),)
        ),
        ImportColumn(
            "longitude", _("经度"), CellKind.DECIMAL, _help(Community, "longitude"), places=6, least=108, most=117
        ),
        ImportColumn(
            "latitude", _("纬度"), CellKind.DECIMAL, _help(Community, "latitude"), places=6, least=29, most=34
        ),
    )

    def known(self, place: str, scope: str, user: Any) -> Iterable[Mapping[str, Any]]:
        """The unit's standing communities that the person sees, by code."""
        rows: Any = Community.objects.visible_to(user).with_placement().standing()
        days = dict(Placement.objects.current().filter(unit__code=place).values_list("community", "valid_from"))
        return [
            {
                **_details(row),
                "code": row.code,
                "type": row.type,
                "population": row.population,
                "category": row.category,
                "valid_from": days[row.pk],
            }
            for row in rows.filter(unit_code=place).select_related("division").order_by("code")
        ]

    def stage(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Iterable[Staged]:
        """Known by code, or by name within the unit; otherwise new."""
        bench = _Bench(place, actor, self)
        return (bench.judge(row) for row in rows)

    def apply(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Sequence[Mapping[str, Any]]:
        """By the same rules as the pages, all new ones together and all known ones."""
        unit = ReportingUnit.objects.get(code=place)
        towns = _towns(unit)
        keys = [row.base["pk"] for row in rows if "pk" in row.base]
        stored = Community.objects.select_related("division").in_bulk(keys)
        news: dict[int, Mapping[str, Any]] = {}
        changes: dict[int, tuple[int, Mapping[str, Any]]] = {}
        undo: dict[int, Mapping[str, Any]] = {}
        for row in rows:
            if "pk" not in row.base:
                placed = {field: row.values.get(field) or "" for field in PLACED}
                news[row.number] = {**placed, **_sent(row, None, towns)}
                continue
            known = stored.get(row.base["pk"])
            values = _sent(row, known, towns)
            changes[row.base["pk"]] = (row.base["version"], values)
            before = {field: _plain(getattr(known, field, None)) for field in values}
            undo[row.number] = {"pk": row.base["pk"], "version": row.base["version"] + 1, "before": before}
        with named_by_row({row.number: row.number for row in rows}):
            made = actions.create_communities(unit, news, actor=actor) if news else {}
        with named_by_row({row.base.get("pk"): row.number for row in rows}):
            actions.edit_communities(changes, actor=actor)
        undo |= {number: {"pk": new.pk, "version": new.version, "new": True} for number, new in made.items()}
        return [undo[row.number] for row in rows]

    def undo(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> None:
        """New ones are withdrawn, changed ones get their values back, unless somebody has been at them since."""
        stored = Community.objects.in_bulk([row.undo["pk"] for row in rows])
        towns = Division.objects.in_bulk([key for row in rows if (key := row.undo.get("before", {}).get("division"))])
        changes: dict[int, tuple[int, Mapping[str, Any]]] = {}
        added: dict[int, int] = {}
        for row in rows:
            known = stored.get(row.undo["pk"])
            if known is None or known.version != row.undo["version"]:
                raise RowRefused(row.number, _t("“%s”导入之后又有改动。") % (known or row.values["name"]))
            if row.undo.get("new"):
                added[known.pk] = known.version
            else:
                before = {field: _restored(field, value, towns) for field, value in row.undo["before"].items()}
                changes[known.pk] = (known.version, before)
        with named_by_row({row.undo["pk"]: row.number for row in rows}):
            actions.withdraw_communities(added, actor=actor)
            actions.edit_communities(changes, actor=actor)


class _Bench:
    """What is needed to judge the rows of one unit: four queries, however many rows."""

    def __init__(self, place: str, actor: Any, target: CommunityTarget) -> None:
        self.target, self.choices = target, target.choices()
        self.unit = ReportingUnit.objects.get(code=place)
        placed = Placement.objects.current().filter(unit=self.unit).select_related("community__division")
        self.placements = {placement.community.code: placement for placement in placed}
        # A name may be used once in each population, so it says which community is meant only where it is alone.
        self.by_name: dict[str, list[str]] = {}
        for code, placement in self.placements.items():
            self.by_name.setdefault(placement.community.name, []).append(code)
        self.towns = _towns(self.unit)
        self.new_names: set[tuple[str, str]] = set()
        self.taken: dict[int, int] = {}

    def judge(self, row: Row) -> Staged:
        """What becomes of a row."""
        code = row.values.get("code") or ""
        if code and code not in self.placements:
            sentence = _t("“%(unit)s”没有编号 %(code)s。核对编号；新社区的编号留空。")
            return Staged.rejected("code", sentence % {"unit": self.unit, "code": code})
        placement = self.placements[code] if code else self._named(row)
        problems = self._problems(row, placement.community if placement is not None else None)
        if problems:
            return Staged(Outcome.REJECTED, problems)
        return self._new(row) if placement is None else self._known(row, placement)

    def _problems(self, row: Row, stored: Community | None) -> list[tuple[str, str]]:
        """What is wrong with the details, whether the community is known or not."""
        found: list[tuple[str, str]] = []
        town = row.values.get("division")
        if town and town not in self.towns and town != _town_of(stored):
            sentence = _t("“%(unit)s”没有叫“%(town)s”的乡镇街道。写全称，如“丹阳街道”。")
            found.append(("division", sentence % {"unit": self.unit, "town": town}))
        point = {field: row.values.get(field, getattr(stored, field, None)) for field in ("longitude", "latitude")}
        missing = [field for field, value in point.items() if value is None]
        if len(missing) == 1:
            found.append((missing[0], _t("经度和纬度要么都填，要么都不填。")))
        return found

    def _named(self, row: Row) -> Placement | None:
        found = [self.placements[code] for code in self.by_name.get(row.values["name"], [])]
        wanted = row.values.get("population")
        if wanted:
            found = [placement for placement in found if placement.population == wanted]
        return found[0] if len(found) == 1 else None

    def _known(self, row: Row, placement: Placement) -> Staged:
        community = placement.community
        first = self.taken.setdefault(community.pk, row.number)
        if first != row.number:
            told = {"row": first, "community": community.name}
            return Staged.rejected("", _t("这一行和第 %(row)s 行是同一个社区（“%(community)s”）。只留一行。") % told)
        sentence = _t("已登记为“%(stored)s”。归属由市新社区办在“调整归属”里改，这里不能改。")
        moved = [
            (column, sentence % {"stored": shown})
            for column in PLACED
            if (shown := self._moved(row, placement, column)) is not None
        ]
        if moved:
            return Staged(Outcome.REJECTED, moved)
        base = {"pk": community.pk, "version": community.version}
        return self.target.compared(row, _details(community), base, self.choices)

    def _moved(self, row: Row, placement: Placement, column: str) -> str | None:
        """What is stored, where the sheet says something else; an empty cell says nothing about where it counts."""
        sent, stored = row.values.get(column), getattr(placement, column)
        if sent in (None, "") or sent == stored:
            return None
        options: Mapping[str, Choices] = self.choices
        by_code = {each.code: each for each in self.target.columns}
        return said(by_code[column].shown(stored, options.get(column, ()))) or _t("未定")

    def _new(self, row: Row) -> Staged:
        labels = {each.code: each.label for each in self.target.columns}
        missing = [each for each in ("type", "population", "valid_from") if not row.values.get(each)]
        if missing:
            sentence = _t("“%s”必须填：登记里没有这个社区，按新社区登记。")
            problems = [(each, sentence % labels[each]) for each in missing]
            return Staged(Outcome.REJECTED, problems)
        named_so = (row.values["name"], row.values["population"])
        if named_so in self.new_names:
            return Staged.rejected(
                "name", _t("表里前面已有同名的新社区“%s”。只留一行，或加以区别。") % row.values["name"]
            )
        try:
            check_day(row.values["valid_from"], "valid_from")
        except RuleViolation as refusal:
            return Staged.rejected("valid_from", refusal.message)
        self.new_names.add(named_so)
        return self.target.all_new(row, self.choices)


def _towns(unit: ReportingUnit) -> dict[str, Division]:
    """The unit's townships and villages by name, where a name is one's alone."""
    rows = list(Division.objects.of_unit(unit).filter(level__in=[DivisionLevel.TOWN, DivisionLevel.VILLAGE]))
    times = Counter(division.name for division in rows)
    return {division.name: division for division in rows if times[division.name] == 1}


def _town_of(community: Community | None) -> str | None:
    return community.division.name if community is not None and community.division is not None else None


def _details(community: Community) -> dict[str, Any]:
    return {**{field: getattr(community, field) for field in DETAILS}, "division": _town_of(community)}


def _sent(row: Row, stored: Community | None, towns: Mapping[str, Division]) -> dict[str, Any]:
    """The details that the sheet has, as the action takes them."""
    values = {field: row.values[field] for field in DETAILS if field in row.values}
    if "division" in values:
        same = stored is not None and values["division"] == _town_of(stored)
        values["division"] = stored.division if same and stored else towns.get(values["division"] or "")
    return values


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.pk if isinstance(value, Division) else str(value) if isinstance(value, Decimal) else value


def _restored(field: str, value: Any, towns: Mapping[int, Division]) -> Any:
    """The value that was kept."""
    if value is None or field not in ("division", "longitude", "latitude"):
        return value
    return towns[value] if field == "division" else Decimal(value)
