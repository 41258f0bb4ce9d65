"""Reading history: the events of a record and of what belongs to it, merged, newest first, one entry for each act.

A page costs the same however long the history is: one query finds the newest events across all kinds, then two
for each kind that is among them, one for each kind of record they name, and one for the people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.db.models import IntegerField, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext as _

from core.components import Change, Moment
from core.history.capacity import capacity_words
from core.history.tracking import DELETE, INSERT, UPDATE, context_of, event_model, people_of
from core.history.words import Names, differences, words_of

PAGE = 50
_EPOCH, _TICK = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Trail:
    """The events of one kind of record that belong to a page.

    `where` are lookups on the event rows; their columns go without saying. `name` tells which record an event is
    about; without it the page's own record is meant. With `line`, what one act did to many small records is one
    entry whose rows have that label and those words (a saved scoring sheet).
    `unless` leaves out what another trail has. `said` are columns that the name already gives: a new record does
    not repeat them. `only` narrows to what a person may read. `shown` are fields that are told though nobody enters
    them by hand.
    """

    model: type[models.Model]
    where: Mapping[str, Any]
    name: Callable[[Any, Names], str] | None = None
    line: Callable[[Any, Names], tuple[str, str]] | None = None
    unless: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    only: Q = field(default_factory=Q)
    shown: tuple[str, ...] = ()

    def events(self) -> models.QuerySet[Any]:
        """The raw history rows."""
        rows: models.QuerySet[Any] = event_model(self.model)._default_manager.filter(self.only, **self.where)
        return rows.exclude(**self.unless) if self.unless else rows

    @property
    def kind(self) -> str:
        """What such a record is called."""
        return str(self.model._meta.verbose_name)


def own(record: models.Model) -> Trail:
    """The events of the page's own record."""
    return Trail(type(record), {"pgh_obj_id": record.pk})


def beside(record: models.Model) -> Trail:
    """The events of one other record, called by the name that it has now."""
    text = str(record)
    return Trail(type(record), {"pgh_obj_id": record.pk}, lambda event, names: text)


def under(model: type[models.Model], name: str | Callable[[Any, Names], str] = "", **where: Any) -> Trail:
    """The events of records that belong to another one: `under(Placement, "unit", community_id=3)`.

    `name` is the field that tells them apart, or what makes the words. Removed records are among them.
    """
    if callable(name):
        return Trail(model, where, name)
    return Trail(model, where, _by_field(model, name), said=(_field(model, name).attname,) if name else ())


def _by_field(model: type[models.Model], name: str) -> Callable[[Any, Names], str]:
    if not name:
        return lambda event, names: ""
    found = _field(model, name)
    return lambda event, names: words_of(found, getattr(event, found.attname), names)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


@dataclass(frozen=True)
class History:
    """A page of history. `older` is what the address asks for to see what came before; empty at the beginning."""

    moments: list[Moment] = field(default_factory=list)
    older: str = ""


@dataclass(frozen=True)
class _Step:
    trail: Trail
    event: Any
    before: Any


def read_history(trails: Sequence[Trail], *, before: str = "", size: int = PAGE, addresses: bool = False) -> History:
    """The newest `size` events of the trails, or those before `before`, gathered into acts.

    `addresses` adds where an act came from; for those who watch over accounts, not for pages of the business.
    """
    if not trails:
        return History()
    found = _newest(trails, _Mark.parse(before), size + 1)
    steps = _steps(trails, found[:size])
    moments = _moments(steps, addresses)
    return History(moments, str(_Mark(*found[size - 1])) if len(found) > size else "")


def moments_of(*records: models.Model) -> list[Moment]:
    """The newest events of several records as one history; only the others' entries say which record they mean."""
    page, *others = records
    return read_history([own(page), *map(beside, others)]).moments


@dataclass(frozen=True)
class _Mark:
    """A place in the order of a history: newest first, then by trail, then by the newest row."""

    at: dt.datetime
    trail: int
    key: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _TICK}~{self.trail}~{self.key}"

    @classmethod
    def parse(cls, text: str) -> _Mark | None:
        """None for what is no mark: a history always has a first page."""
        try:
            at, trail, key = text.split("~")
            return cls(_EPOCH + int(at) * _TICK, int(trail), int(key))
        except (ValueError, OverflowError):
            return None

    def after(self, place: int) -> Q:
        """Rows of the trail at `place` that come later in the order."""
        if place < self.trail:
            return Q(pgh_created_at__lt=self.at)
        same = Q(pgh_created_at=self.at, **({"pgh_id__lt": self.key} if place == self.trail else {}))
        return Q(pgh_created_at__lt=self.at) | same


def _newest(trails: Sequence[Trail], mark: _Mark | None, size: int) -> list[tuple[dt.datetime, int, int]]:
    parts = []
    for place, trail in enumerate(trails):
        rows = trail.events() if mark is None else trail.events().filter(mark.after(place))
        tagged = rows.annotate(pgh_trail=Value(place, IntegerField())).order_by("-pgh_created_at", "-pgh_id")
        parts.append(tagged.values_list("pgh_created_at", "pgh_trail", "pgh_id")[:size])
    first, *others = parts
    if not others:
        return list(first)
    return list(first.union(*others, all=True).order_by("-pgh_created_at", "pgh_trail", "-pgh_id")[:size])


def _steps(trails: Sequence[Trail], found: Sequence[tuple[dt.datetime, int, int]]) -> list[_Step]:
    loaded: dict[tuple[int, int], _Step] = {}
    for place in sorted({place for _at, place, _key in found}):
        trail = trails[place]
        rows = event_model(trail.model)._default_manager
        earlier = rows.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
        wanted = [key for _at, at, key in found if at == place]
        events = list(rows.filter(pgh_id__in=wanted).annotate(pgh_before=Subquery(earlier.values("pgh_id")[:1])))
        previous = rows.in_bulk([event.pgh_before for event in events if event.pgh_before is not None])
        for event in events:
            loaded[place, event.pgh_id] = _Step(trail, event, previous.get(event.pgh_before))
    return [loaded[place, key] for _at, place, key in found]


def _moments(steps: Sequence[_Step], addresses: bool) -> list[Moment]:
    pairs = [(step.trail.model, event) for step in steps for event in (step.event, step.before) if event is not None]
    names, people = Names(pairs), people_of(step.event for step in steps)
    found = []
    for act in _acts(steps):
        parts = _parts(act, names)
        if parts:
            context = context_of(act[0].event)
            who = people.get(context.get("user"), _("后台作业"))
            address = str(context.get("address", "")) if addresses else ""
            first, *also = parts
            found.append(replace(first, who=who, capacity=capacity_words(context), address=address, also=also))
    return found


def _acts(steps: Sequence[_Step]) -> list[list[_Step]]:
    """Events of one request together. A job's are those of one transaction, as long as no record comes twice."""
    acts, last = list[list[_Step]](), dict[Any, list[_Step]]()
    for step in steps:
        event = step.event
        act = last.get(event.pgh_context_id or event.pgh_created_at)
        if act is None or (event.pgh_context_id is None and any(_same(step, other) for other in act)):
            act = last[event.pgh_context_id or event.pgh_created_at] = []
            acts.append(act)
        act.append(step)
    return acts


def _same(one: _Step, other: _Step) -> bool:
    return one.trail is other.trail and one.event.pgh_obj_id == other.event.pgh_obj_id


def _parts(act: Sequence[_Step], names: Names) -> list[Moment]:
    """One part for each record of an act that a reader could notice; small records of one kind are one part."""
    parts, gathered = list[Moment](), set[int]()
    for step in act:
        if step.trail.line is None:
            parts += _record(step, names)
        elif id(step.trail) not in gathered:
            gathered.add(id(step.trail))
            parts.append(_lines([other for other in act if other.trail is step.trail], names))
    return parts


def _lines(steps: Sequence[_Step], names: Names) -> Moment:
    changes = [_line(step, names) for step in reversed(steps)]
    title = _("%(kind)s %(count)d 项") % {"kind": steps[0].trail.kind, "count": len(changes)}
    return Moment(steps[0].event.pgh_created_at, title, changes=changes)


def _line(step: _Step, names: Names) -> Change:
    assert step.trail.line is not None
    label, after = step.trail.line(step.event, names)
    before = step.trail.line(step.before, names)[1] if step.before is not None else ""
    return Change(label, before, _("取消") if step.event.pgh_label == DELETE else after)


def _record(step: _Step, names: Names) -> list[Moment]:
    """The one part; none where only what no reader sees has changed: a version, a derived field."""
    trail, event = step.trail, step.event
    known = {*trail.where, *(trail.said if event.pgh_label != UPDATE else ())}
    changes, reasons = differences(trail.model, step.before, event, names, known=known, shown=trail.shown)
    if event.pgh_label == UPDATE and not changes and not reasons:
        return []
    title, tone = _title(trail, event, names), "bad" if event.pgh_label == DELETE else ""
    fresh = event.pgh_label == INSERT
    return [Moment(event.pgh_created_at, title, tone=tone, fresh=fresh, reasons=reasons, changes=changes)]


def _title(trail: Trail, event: Any, names: Names) -> str:
    if trail.name is None:
        return {INSERT: _("新建"), UPDATE: _("修改"), DELETE: _("删除")}[event.pgh_label]
    about, label = trail.name(event, names), str(event.pgh_label)
    what = _("%(kind)s“%(name)s”") % {"kind": trail.kind, "name": about} if about else trail.kind
    sentence = {INSERT: _("登记%(record)s"), UPDATE: _("修改%(record)s"), DELETE: _("删除%(record)s")}
    return sentence[label] % {"record": what}
