"""What the database holds of plans: the two planned days on a project are those of its plan rows, whoever writes."""

from __future__ import annotations

import pgtrigger

from facilities.workflow import Stage

# Steps whose plan in force stands on the project itself too: lists sort and filter by them.
PLAN_COLUMNS = {Stage.STARTED: "planned_start", Stage.BASICALLY_BUILT: "planned_finish"}


def _begin(stage: Stage, column: str) -> str:
    return f"""
        IF NEW.{column} IS NOT NULL THEN
            INSERT INTO facilities_plannedstage
                (project_id, stage, planned_on, reason, recorded_at, is_sample)
                VALUES (NEW.id, {stage.value}, NEW.{column}, '', now(), NEW.is_sample);
        END IF;
    """  # noqa: S608  constants of this module


def _follows(stage: Stage, column: str) -> str:
    return f"""
        IF NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} IS DISTINCT FROM (
            SELECT planned_on FROM facilities_plannedstage
            WHERE project_id = NEW.id AND stage = {stage.value} ORDER BY id DESC LIMIT 1
        ) THEN
            RAISE EXCEPTION 'planned days follow the plan rows'
                USING ERRCODE = 'check_violation', HINT = '改计划日期要写明原因，请在“调整计划”里改。';
        END IF;
    """  # noqa: S608  constants of this module


# What a new project plans is its first plan.
PLANS_BEGIN = pgtrigger.Trigger(
    name="plans_begin",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    func="".join(_begin(stage, column) for stage, column in PLAN_COLUMNS.items()) + "RETURN NULL;",
)
# A day changes by a plan row with a reason, never directly.
PLANS_RULE = pgtrigger.Trigger(
    name="plans_rule",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="".join(_follows(stage, column) for stage, column in PLAN_COLUMNS.items()) + "RETURN NEW;",
)
# A registration taken back takes along the plan it was made with; what somebody planned later holds it in place.
PLANS_END = pgtrigger.Trigger(
    name="plans_end",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    func="""
        DELETE FROM facilities_plannedstage
            WHERE project_id = OLD.id AND holds_from IS NULL AND recorded_by_id IS NULL;
        RETURN OLD;
    """,
)
