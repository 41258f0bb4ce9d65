"""Notices that the person has not signed for, on the first page of every role."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Action
from core.formats import moment
from dashboards.home.asked import Asked
from dashboards.home.parts import Line, Panel
from notices.models import Delivery, Notice
from notices.workflow import Tone

SHOWN = 5
_ICONS = {Tone.WARN: "alert-triangle", Tone.BAD: "alert-square-rounded"}


def notices_panel(asked: Asked) -> Panel:
    """What waits for a signature, the newest first; nothing where nothing does."""
    rows = Delivery.objects.visible_to(asked.user).unsigned()
    waiting = list(rows.select_related("notice__sender").unsigned_first()[: SHOWN + 1])
    number = len(waiting) if len(waiting) <= SHOWN else rows.count()
    return Panel(
        "notices",
        _("未签收的通知"),
        [_line(row.notice) for row in waiting[:SHOWN]],
        pill=str(number),
        tone="bad" if any(row.notice.tone == Tone.BAD for row in waiting) else "warn",
        icon="bell",
        link=Action(_("去签收"), reverse("notices:list")),
        rest=_("还有 %(number)d 条") % {"number": number - SHOWN} if number > SHOWN else "",
        rest_url=reverse("notices:list"),
    )


def _line(notice: Notice) -> Line:
    told = {"who": notice.sender_label, "when": moment(notice.created_at, with_year=True)}
    pill = str(notice.get_tone_display()) if notice.tone != Tone.INFO else ""
    return Line(
        notice.title,
        _("%(who)s %(when)s") % told,
        notice.get_absolute_url(),
        pill=pill,
        tone=notice.tone,
        icon=_ICONS.get(Tone(notice.tone), ""),
        sample=notice.is_sample,
    )
