"""What was done to an inspection: its own changes, and each saving of scores as one entry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from core.components import Change, Moment
from core.formats import decimal
from core.history import DELETE, event_model, moments_of
from inspections.models import Inspection, ItemScore, SheetItem


def moments_of_inspection(inspection: Inspection) -> list[Moment]:
    """Newest first. Scores saved together, by one person in one transaction, are one entry."""
    # Saving scores raises the version and nothing else of the inspection's own row: an entry without changes.
    own = [moment for moment in moments_of(inspection) if moment.changes]
    found = [*own, *_savings(inspection)]
    return sorted(found, key=lambda moment: moment.when, reverse=True)


def _savings(inspection: Inspection) -> Iterator[Moment]:
    events = list(event_model(ItemScore)._default_manager.filter(inspection_id=inspection.pk).order_by("pgh_id"))
    keys = {(event.pgh_context or {}).get("user") for event in events} - {None}
    people = {user.pk: str(user) for user in User.objects.filter(pk__in=list(keys))}
    titles = dict(SheetItem.objects.filter(sheet__rounds=inspection.round_id).values_list("pk", "title"))
    before: dict[int, str] = {}
    for when, together in groupby(events, key=lambda event: event.pgh_created_at):
        changes, context = [], dict[Any, Any]()
        for event in together:
            context = event.pgh_context or {}
            after = _("取消") if event.pgh_label == DELETE else words_of(event)
            title = titles.get(event.item_id, f"#{event.item_id}")
            changes.append(Change(title, before.get(event.item_id, ""), after))
            before[event.item_id] = after
        key = context.get("user")
        person = people.get(key, "") if key is not None else _("后台作业")
        yield Moment(
            when=when,
            title=_("评分 %d 项") % len(changes),
            who=" · ".join(filter(None, [person, str(context.get("address", ""))])),
            changes=changes,
        )


def words_of(score: Any) -> str:
    """A score as a reader says it: full marks, or how much is deducted and why."""
    if not score.deduction:
        return _("满分")
    return _("扣 %(lost)s：%(why)s") % {"lost": decimal(score.deduction), "why": score.reason}
