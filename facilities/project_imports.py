"""The register of projects from Excel: what is built for a unit's communities, known projects and new ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from communities.models import Community, Placement
from core.errors import RuleViolation
from core.sentences import gettext as _t
from core.sentences import said
from exchange.registry import CellKind, Choices, ImportColumn, Row, RowRefused, Staged, Target, Words, named_by_row
from exchange.workflow import Outcome
from facilities import actions, register_actions
from facilities.import_match import Finder, NoMatch, plain
from facilities.models import MOST_MAJOR, FacilityKind, InfrastructureType, Position, Project
from facilities.models.plan_rules import PLAN_COLUMNS
from facilities.models.projects import HOUSING, OUTSIDE_PLAN_DAYS, PLAN_DAYS
from facilities.money import FUNDS, MOST
from facilities.plan_actions import require_order

COLUMN_OF: dict[int, str] = {int(stage): column for stage, column in PLAN_COLUMNS.items()}
MONEY = (*FUNDS, "invested_before")
# Empty in the sheet is an empty text in the register, not “not known”.
TEXTS = ("position",)
# Traits that follow from what a project is, where a row without a number leaves them empty.
TRAITS = ("position", "is_platform")


def _choices(kinds: Any) -> Any:
    return lambda: [(str(code), str(label)) for code, label in kinds.choices]


def _infrastructure() -> Choices:
    return [(kind.code, kind.name) for kind in InfrastructureType.objects.filter(is_active=True)]


def _column(name: str, kind: CellKind, **more: Any) -> ImportColumn:
    """A column of a field, with the field's own label and counting rule."""
    field: Any = Project._meta.get_field(name)
    return ImportColumn(name, field.verbose_name, kind, field.help_text, **more)


def _money(name: str) -> ImportColumn:
    return _column(name, CellKind.DECIMAL, most=MOST, unit=_("万元"))


class ProjectTarget(Target):
    """A unit's projects. A row without a number is matched by community and name, or is new."""

    code: ClassVar[str] = "projects"
    label: ClassVar[Words] = _("项目")
    rule: ClassVar[Words] = _(
        "新项目写社区编号（或社区名称）、设施和名称，项目编号留空。计划日期只在还没有计划时填；改计划要写原因，在项目页改。"
        "新项目的“地下或地上”留空的，基础设施按类别算，其他算地上；“服务平台”留空的，综合服务中心算、其他不算。"
    )
    named_by: ClassVar[Sequence[str]] = ("community_code", "community", "name")
    columns: ClassVar[Sequence[ImportColumn]] = (
        ImportColumn("number", _("项目编号"), CellKind.CODE, _("不要改；新项目留空，自动编。"), key=True, longest=19),
        ImportColumn("community_code", _("社区编号"), CellKind.CODE, _("为哪个社区建；登记后不变。"), longest=20),
        ImportColumn("community", _("社区"), help=_("社区名称；写了社区编号的，只供核对。"), aliases=(_("社区名称"),)),
        _column("kind", CellKind.CHOICE, choices=_choices(FacilityKind), aliases=(_("设施类别"), _("项目类别"))),
        _column("name", CellKind.TEXT, longest=80, aliases=(_("项目"), _("项目名称"))),
        _column("infrastructure", CellKind.CHOICE, choices=_infrastructure),
        _column("position", CellKind.CHOICE, choices=_choices(Position)),
        _column("is_platform", CellKind.YES_NO),
        _column("major_number", CellKind.WHOLE, least=1, most=MOST_MAJOR),
        _column("housing_planned", CellKind.WHOLE, most=999_999, unit=_("套")),
        *(_column(name, CellKind.DAY) for name in actions.FIRST_PLAN),
        *(_money(name) for name in MONEY),
    )

    def known(self, place: str, scope: str, user: Any) -> Iterable[Mapping[str, Any]]:
        """The projects of the unit's communities that the person may change, by community."""
        rows = _projects_of(place, user).order_by("community__pinyin", "community", "kind", "pk")
        return [
            {
                "number": str(row.pk),
                "community_code": row.community.code,
                "community": row.community.name,
                **{name: getattr(row, name) for name in actions.FIRST_PLAN},
                **_stored(row),
            }
            for row in rows
        ]

    def stage(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Iterable[Staged]:
        """Known by number, or by community and name; otherwise new."""
        bench = _Bench(place, actor, self)
        return (bench.judge(row) for row in rows)

    def apply(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Sequence[Mapping[str, Any]]:
        """By the same rules as the pages, all new ones together and all known ones."""
        keys = [row.base["pk"] for row in rows if "pk" in row.base]
        projects = Project.objects.select_related("infrastructure").in_bulk(keys)
        communities = Community.objects.in_bulk([row.base["community"] for row in rows if "community" in row.base])
        kinds = {kind.code: kind for kind in InfrastructureType.objects.all()}
        news: dict[int, tuple[Community, Mapping[str, Any]]] = {}
        changes: dict[int, tuple[int, Mapping[str, Any]]] = {}
        before: dict[int, Mapping[str, Any]] = {}
        plans: dict[int, Mapping[int, dt.date]] = {}
        for row in rows:
            values = _values(row, kinds)
            if "community" in row.base:
                news[row.number] = communities[row.base["community"]], _first_values(row, values)
            else:
                changes[row.base["pk"]] = row.base["version"], values
                before[row.number] = _kept(projects.get(row.base["pk"]), values)
                if days := _planned(row, projects.get(row.base["pk"])):
                    plans[row.base["pk"]] = days
        with named_by_row({row.number: row.number for row in rows}):
            made = register_actions.create_projects(news, actor=actor)
        with named_by_row({row.base.get("pk"): row.number for row in rows}):
            saved = register_actions.edit_projects(changes, actor=actor)
            planned = register_actions.plan_first(plans, actor=actor)
        return [_undo(made.get(row.number) or saved[row.base["pk"]], before.get(row.number), planned) for row in rows]

    def undo(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> None:
        """New ones are taken back, changed ones get their values again, unless somebody has been at them since."""
        projects = Project.objects.select_related("community").in_bulk([row.undo["pk"] for row in rows])
        kinds = {kind.code: kind for kind in InfrastructureType.objects.all()}
        changes: dict[int, tuple[int, Mapping[str, Any]]] = {}
        added: dict[int, int] = {}
        plans: dict[int, Mapping[int, int]] = {}
        for row in rows:
            project = projects.get(row.undo["pk"])
            if project is None or project.version != row.undo["version"]:
                raise RowRefused(row.number, _t("“%s”导入之后又有改动。") % (project or row.values.get("name")))
            if row.undo.get("new"):
                added[project.pk] = project.version
            else:
                changes[project.pk] = project.version, _restored(row.undo["before"], kinds)
                if steps := row.undo.get("plans"):
                    plans[project.pk] = {int(stage): plan for stage, plan in steps.items()}
        with named_by_row({row.undo["pk"]: row.number for row in rows}):
            register_actions.withdraw_projects(added, actor=actor)
            register_actions.edit_projects(changes, actor=actor)
            register_actions.take_plans_back(plans, actor=actor, reason=str(_("撤回导入")))


class _Bench:
    """What is needed to judge the rows of one unit: a handful of queries, however many rows."""

    def __init__(self, place: str, actor: Any, target: ProjectTarget) -> None:
        self.target, self.choices, self.place = target, target.choices(), place
        self.kinds = {kind.code: kind for kind in InfrastructureType.objects.all()}
        projects: dict[int, Project] = {row.pk: row for row in _projects_of(place, actor)}
        self.plans = register_actions.plans_of(projects)
        # Who has a name, the one centre, a number: a project's key, or 0 for a new row of this sheet.
        self.by_name = {(row.community_id, row.name): row.pk for row in projects.values()}
        self.centres = {row.community_id: row.pk for row in projects.values() if row.kind == "service_centre"}
        placed = Placement.objects.current().filter(unit__code=place).values("community")
        communities = Community.objects.editable_by(actor).filter(pk__in=placed)
        self.finder = Finder(projects.values(), communities)
        numbered = Project.objects.filter(major_number__isnull=False)
        self.majors = {int(row.major_number or 0): row.pk for row in numbered.only("major_number")}

    def judge(self, row: Row) -> Staged:
        """What becomes of a row."""
        number = row.values.get("number") or ""
        known = self.finder.numbered(number)
        if number and known is None:
            sentence = _t("这个单位没有编号为 %(number)s 的项目。核对编号；新项目的编号留空。")
            return Staged.rejected("number", sentence % {"number": number})
        try:
            if known is None:
                community = self.finder.community(row)
                same = self.finder.named(community, row.values.get("name") or "")
                if len(same) != 1:
                    return self._new(row, community)
                known = same[0]
            self.finder.take(known, row)
        except NoMatch as refusal:
            return Staged.rejected(refusal.column, refusal.message)
        return self._known(row, known)

    def _known(self, row: Row, project: Project) -> Staged:
        stored = _stored(project)
        values = stored | _given_of(row)
        problems = self._moved(row, project) + self._planned_wrongly(row, project)
        problems += self._problems(values, project.community_id, project)
        if problems:
            return Staged(Outcome.REJECTED, problems)
        self._note(values, project.community_id, project.pk)
        base = {"pk": project.pk, "version": project.version}
        first = {column: getattr(project, column) for column in actions.FIRST_PLAN if row.values.get(column)}
        return self.target.compared(_filled(row), stored | first, base, self.choices)

    def _new(self, row: Row, community: Community) -> Staged:
        values = dict.fromkeys(actions.EDITABLE) | _given_of(row)
        problems = self._problems(values, community.pk, None) + _days_in_order(row)
        if problems:
            return Staged(Outcome.REJECTED, problems)
        self._note(values, community.pk, 0)
        made = self.target.all_new(self._with_traits(row), self.choices)
        return Staged(made.outcome, changes=made.changes, base={"community": community.pk})

    def _with_traits(self, row: Row) -> Row:
        """A new project's row as it will be registered, so that the preview shows what an empty cell comes to."""
        kind = self.kinds.get(row.values.get("infrastructure") or "")
        usual = actions.traits_by_default(row.values.get("kind") or "", kind)
        return Row(row.number, {**usual, **_filled(row).values})

    def _note(self, values: Mapping[str, Any], community: int, key: int) -> None:
        """Rows further down may not take the same name, number, or the only centre."""
        self.by_name.setdefault((community, values["name"]), key)
        if values["kind"] == FacilityKind.SERVICE_CENTRE:
            self.centres.setdefault(community, key)
        if values.get("major_number"):
            self.majors.setdefault(values["major_number"], key)

    def _moved(self, row: Row, project: Project) -> list[tuple[str, str]]:
        """What the sheet may only show of a known project."""
        found: list[tuple[str, str]] = []
        code, name = row.values.get("community_code"), row.values.get("community")
        told = {"community": f"{project.community.name}（{project.community.code}）"}
        if code and code != project.community.code:
            found.append(("community_code", _t("这个项目登记在%(community)s，不能换社区。") % told))
        elif not code and name and plain(name) != plain(project.community.name):
            found.append(("community", _t("这个项目登记在%(community)s，不能换社区。") % told))
        return found

    def _planned_wrongly(self, row: Row, project: Project) -> list[tuple[str, str]]:
        """A first plan is taken; one that was there is changed elsewhere, with a reason."""
        plan, days = self.plans.get(project.pk, {}), _planned(row, project)
        found = [(COLUMN_OF[stage], _planned_elsewhere(plan[stage])) for stage in days if stage in plan]
        first = {stage: day for stage, day in days.items() if stage not in plan}
        wrong = _days_outside({COLUMN_OF[stage]: day for stage, day in first.items()})
        if first and not found and not wrong:
            try:
                require_order({**plan, **first})
            except RuleViolation as refusal:
                found.append((COLUMN_OF[max(first)], refusal.message))
        return found + wrong

    def _problems(self, values: Mapping[str, Any], community: int, project: Project | None) -> list[tuple[str, str]]:
        """What the register would refuse, each beside its cell."""
        found: list[tuple[str, str]] = []
        key = project.pk if project is not None else 0
        labels = {column.code: column.label for column in self.target.columns}
        found += [(name, _t("“%s”必须填。") % labels[name]) for name in ("kind", "name") if not values[name]]
        if values["infrastructure"] and values["kind"] != FacilityKind.INFRASTRUCTURE:
            found.append(("infrastructure", _t("只有基础设施项目才选基础设施类别。")))
        if values["housing_planned"] is not None and values["kind"] not in HOUSING:
            found.append(("housing_planned", _t("只有住房项目才填计划套数。")))
        if self._taken(self.by_name.get((community, values["name"])), key):
            found.append(("name", _t("这个社区已经有同名项目。")))
        if values["kind"] == FacilityKind.SERVICE_CENTRE and self._taken(self.centres.get(community), key):
            found.append(("kind", _t("这个社区已经有综合服务中心项目。")))
        if values["major_number"] and self._taken(self.majors.get(values["major_number"]), key):
            found.append(("major_number", _t("%s 号已经是另一个项目的。") % values["major_number"]))
        return found

    @staticmethod
    def _taken(holder: int | None, key: int) -> bool:
        """Whether somebody else has it. Two new rows are two, though both have no key yet."""
        return holder is not None and (holder == 0 or holder != key)


def _projects_of(place: str, user: Any) -> Any:
    placed = Placement.objects.current().filter(unit__code=place).values("community")
    rows = Project.objects.editable_by(user).filter(community__in=placed)
    return rows.select_related("community", "infrastructure")


def _stored(project: Project) -> dict[str, Any]:
    """What may be changed, as the columns hold it."""
    values = {name: getattr(project, name) for name in actions.EDITABLE}
    return {**values, "infrastructure": project.infrastructure.code if project.infrastructure else ""}


def _given_of(row: Row) -> dict[str, Any]:
    """What the sheet says of the fields that may be changed.

    A trait that is left empty says nothing of a project without a number, so that the same sheet again changes nothing.
    """
    values = {name: row.values[name] for name in actions.EDITABLE if name in row.values and not _unsaid(row, name)}
    values |= {name: values[name] or "" for name in TEXTS if name in values}
    return values | ({"is_platform": bool(values["is_platform"])} if "is_platform" in values else {})


def _unsaid(row: Row, name: str) -> bool:
    return name in TRAITS and not row.values.get("number") and row.values[name] in (None, "")


def _filled(row: Row) -> Row:
    """The row as it is compared: an empty yes or no is a no, a trait that is not said is not compared."""
    said = {name: value for name, value in row.values.items() if not _unsaid(row, name)}
    return Row(row.number, {**said, **_given_of(row)})


def _values(row: Row, kinds: Mapping[str, InfrastructureType]) -> dict[str, Any]:
    """What the sheet says, as the actions take it."""
    values = _given_of(row)
    if "infrastructure" in values:
        values["infrastructure"] = kinds.get(values["infrastructure"] or "")
    return values


def _planned_elsewhere(stored: dt.date | None) -> str:
    if stored is None:
        return _t("这一步的计划取消过。再计划要写原因，请在项目页“调整计划”里改。")
    return _t("原计划是 %(day)s。改计划要写原因，请在项目页“调整计划”里改。") % {"day": stored}


def _days_in_order(row: Row) -> list[tuple[str, str]]:
    start, finish = (row.values.get(name) for name in actions.FIRST_PLAN)
    found = _days_outside({name: row.values.get(name) for name in actions.FIRST_PLAN})
    if start and finish and finish < start:
        found.append(("planned_finish", _t("计划建成不能早于计划开工。")))
    return found


def _days_outside(days: Mapping[str, dt.date | None]) -> list[tuple[str, str]]:
    outside = (name for name, day in days.items() if day and not PLAN_DAYS[0] <= day <= PLAN_DAYS[1])
    return [(name, said(OUTSIDE_PLAN_DAYS)) for name in outside]


def _planned(row: Row, project: Project | None) -> dict[int, dt.date]:
    """The days that the sheet plans and the register does not have so, by step."""
    return {
        stage: day
        for stage, column in PLAN_COLUMNS.items()
        if (day := row.values.get(column)) and day != getattr(project, column, None)
    }


def _first_values(row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is registered of a new project."""
    return {**values, **{name: row.values.get(name) for name in actions.FIRST_PLAN}}


def _kept(project: Project | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be put back of a known project; nothing of one that is gone, which the action names."""
    stored = _stored(project) if project is not None else {}
    return {name: _plain(stored.get(name)) for name in values}


def _undo(
    written: Project, before: Mapping[str, Any] | None, planned: Mapping[int, Mapping[int, int]]
) -> dict[str, Any]:
    """What takes a row back."""
    told = {"pk": written.pk, "version": written.version}
    if before is None:
        return {**told, "new": True}
    return {**told, "before": before, "plans": planned.get(written.pk, {})}


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return str(value) if isinstance(value, Decimal) else value


def _restored(before: Mapping[str, Any], kinds: Mapping[str, InfrastructureType]) -> dict[str, Any]:
    """The values that were kept."""
    values: dict[str, Any] = {n: Decimal(v) if n in MONEY and v is not None else v for n, v in before.items()}
    if "infrastructure" in values:
        values["infrastructure"] = kinds.get(values["infrastructure"])
    return values
