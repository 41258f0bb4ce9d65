"""What the lists of documents, teams and pairings write as Excel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.periods import today
from core.xlsx import ExportColumn, Kind

UNKNOWN = _("不清楚")

DOCUMENT_RULE = _("每件政策文件一条；文号、日期没有查到的写“不清楚”，不推算。")
DOCUMENTS = (
    ExportColumn(_("标题"), "title", width=60),
    ExportColumn(_("文号"), "number", width=20, missing=UNKNOWN),
    ExportColumn(_("成文日期"), "issued_on", Kind.DAY, missing=UNKNOWN),
    ExportColumn(_("把握程度"), "certainty", width=12, missing=UNKNOWN),
    ExportColumn(_("来源"), "source", width=40, missing=UNKNOWN),
)


def _pilots(team: Any) -> str:
    return "、".join(str(pairing.community) for pairing in team.now)


def _since(team: Any) -> Any:
    return team.now[0].valid_from if team.now else None


TEAMS = (
    ExportColumn(_("工作队"), "name", width=28),
    ExportColumn(_("派出单位"), "department", width=24),
    ExportColumn(_("现在包保"), _pilots, width=24),
    ExportColumn(_("从"), _since, Kind.DAY),
)


def _pairing_state(pairing: Any) -> str:
    return _t("已截止") if pairing.valid_until and pairing.valid_until <= today() else _t("现行")


PAIRINGS = (
    ExportColumn(_("试点"), "community", width=24),
    ExportColumn(_("编号"), "community.code", width=13),
    ExportColumn(_("工作队"), "team", width=28),
    ExportColumn(_("派出单位"), "team.department", width=24),
    ExportColumn(_("起始"), "valid_from", Kind.DAY),
    ExportColumn(_("截止"), "valid_until", Kind.DAY),
    ExportColumn(_("状态"), _pairing_state, width=10),
)
