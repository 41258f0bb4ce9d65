"""Reference data of construction: what steps mean, kinds of infrastructure, ordering rules, light thresholds.

All of it is presumed (推定) until the city office has edited it; what it has edited is left as it is.
"""

from __future__ import annotations

import datetime as dt

from core.models import VersionedModel
from core.reference import Loaded, rows_of, upsert
from facilities.models import InfrastructureType, LightThreshold, OrderingRule, StageDefinition

PRESUMED = "推定，待市新社区办核定"
REPORT = "人民网 2014-02-26 孝感市城乡三类新社区建设报道；口径推定，待市新社区办核定"
# The city's report names the rules for the whole programme, which began before any date that is recorded.
RULES_FROM = dt.date(2012, 1, 1)


def load() -> list[Loaded]:
    """Everything, in the order of the ladder. Returns what became of each kind."""
    definitions = [
        {
            "stage": int(row["stage"]),
            "definition": row["definition"],
            "evidence": row["evidence"],
            "needs_photo": row["needs_photo"] == "yes",
            "source": PRESUMED,
        }
        for row in rows_of("stage_definitions.csv")
    ]
    types = [
        {**row, "order": int(row["order"]), "underground": row["underground"] == "yes"}
        for row in rows_of("infrastructure_types.csv")
    ]
    rules = [{**row, "source": REPORT, "valid_from": RULES_FROM} for row in rows_of("ordering_rules.csv")]
    thresholds = [_threshold(row) for row in rows_of("light_thresholds.csv")]
    return [
        upsert(StageDefinition, definitions, key=("stage",), keep=_edited),
        upsert(InfrastructureType, types, key=("code",), keep=_edited),
        upsert(OrderingRule, rules, key=("code",), keep=_edited),
        upsert(LightThreshold, thresholds, key=("valid_from",), keep=_edited),
    ]


def _threshold(row: dict[str, str]) -> dict[str, object]:
    numbers = ("yellow_points", "red_points", "start_red_days", "finish_red_days")
    return {
        "valid_from": dt.date.fromisoformat(row["valid_from"]),
        "source": row["source"],
        **{name: int(row[name]) for name in numbers},
    }


def _edited(record: VersionedModel) -> bool:
    return record.version > 1
