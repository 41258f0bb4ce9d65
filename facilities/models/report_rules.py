"""What the database itself holds of the monthly report, whoever writes and however.

The action says it first, in the same words; the trigger is what two people at once, a bulk update and plain SQL meet.
"""

from __future__ import annotations

import pgtrigger

from communities.roles import Role
from facilities.report_workflow import CONTENT, CUMULATIVE, FIRST, MOVES, OPEN, ReportState


def _texts(values: object) -> str:
    return ", ".join(f"'{value}'" for value in sorted(str(each) for each in values))  # type: ignore[attr-defined]


def _row(record: str, fields: tuple[str, ...]) -> str:
    return ", ".join(f"{record}.{field}" for field in fields)


_MOVES = _texts(f"{before.value}>{after.value}" for before, afters in MOVES.items() for after in afters)
_FIRST = _texts(state.value for state in FIRST)
_OPEN = _texts(state.value for state in OPEN)
_IDENTITY = ("project_id", "month_id", "revision", "is_sample", "correction_reason")
_FILED = ("submitted_by_id", "submitted_at")
_REVIEWED = ("reviewed_by_id", "reviewed_as", "reviewed_at", "return_reason", "away_reason", "stage_event_id")


def _refuse(english: str, sentence: str) -> str:
    return f"RAISE EXCEPTION '{english}' USING ERRCODE = 'check_violation', HINT = '{sentence}';"


# Locks: the project first, as `record_stage` does, so that all writers of one project come one after the other; the
# month and the community are only read, shared, so that closing and moving them waits, and waits for, a submission.
_PRELUDE = f"""
    IF TG_OP = 'DELETE' THEN
        {_refuse("a report is never deleted", "月报不能删除。")}
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        IF OLD.state = 'approved' THEN
            {_refuse("an approved report is not changed", "已经通过的月报不能再改，要改请发起更正。")}
        END IF;
        IF ({_row("NEW", _IDENTITY)}) IS DISTINCT FROM ({_row("OLD", _IDENTITY)}) THEN
            {_refuse("a report keeps its project, month and revision", "月报不能换项目、月份和版次。")}
        END IF;
        IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN ({_MOVES}) THEN
            {_refuse("no such move", "月报不能这样办理。")}
        END IF;
    ELSIF NEW.state NOT IN ({_FIRST}) THEN
        {_refuse("a report begins as a draft or submitted", "月报要先填报，再审核。")}
    END IF;
    PERFORM 1 FROM facilities_project WHERE id = NEW.project_id FOR NO KEY UPDATE;
    entered := TG_OP = 'INSERT';
    filed := NEW.state = 'submitted' AND (TG_OP = 'INSERT' OR OLD.state <> 'submitted');
    withdrawn := TG_OP = 'UPDATE' AND OLD.state = 'submitted' AND NEW.state = 'draft';
    decided := TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND NEW.state IN ('returned', 'approved');
"""

_ENTRY = f"""
    IF TG_OP = 'UPDATE' THEN
        entered := ({_row("NEW", CONTENT)}) IS DISTINCT FROM ({_row("OLD", CONTENT)})
            OR NEW.entered_by_id <> OLD.entered_by_id;
        IF entered AND OLD.state NOT IN ({_OPEN}) THEN
            {_refuse("a submitted report is not changed", "已经提交的月报不能改内容，先撤回或退回。")}
        END IF;
        IF NOT filed AND ({_row("NEW", _FILED)}) IS DISTINCT FROM ({_row("OLD", _FILED)}) THEN
            {_refuse("only a submission says who submitted", "提交人和提交时间只在提交时记下。")}
        END IF;
    ELSIF NEW.revision > 1 AND NOT EXISTS (
        SELECT 1 FROM facilities_progressreport before
        WHERE before.project_id = NEW.project_id AND before.month_id = NEW.month_id
            AND before.revision = NEW.revision - 1 AND before.state = 'approved'
    ) THEN
        {_refuse("only an approved report is corrected", "只有已经通过的月报才能更正。")}
    END IF;
    -- Who ever entered, filed or changed it: kept by the database, so that an approver cannot be left out of it.
    NEW.authors := ARRAY(
        SELECT DISTINCT person FROM unnest(
            CASE WHEN TG_OP = 'UPDATE' THEN OLD.authors ELSE '{{}}'::bigint[] END
            || CASE WHEN entered THEN NEW.entered_by_id END
            || CASE WHEN filed THEN NEW.submitted_by_id END
        ) AS person WHERE person IS NOT NULL ORDER BY person
    );
"""  # noqa: S608  constants of this module

# Late is judged once, at the first submission, by the day that counts as today (a sample city has its own) and the
# due date as it stands then; from then on the mark neither comes nor goes. A correction inherits it.
_LATE = f"""
    IF TG_OP = 'UPDATE' THEN
        NEW.is_late := OLD.is_late;
        NEW.first_submitted_at := OLD.first_submitted_at;
    ELSE
        SELECT COALESCE(bool_or(r.is_late), FALSE), min(r.first_submitted_at)
            INTO NEW.is_late, NEW.first_submitted_at FROM facilities_progressreport r
            WHERE r.project_id = NEW.project_id AND r.month_id = NEW.month_id AND r.revision < NEW.revision;
    END IF;
    -- What a reviewer sent back is mended in a closed month, too. What waits is not taken back there: as a draft it
    -- could never be handed in again.
    IF NEW.revision = 1 AND (TG_OP = 'INSERT' OR filed AND OLD.state <> 'returned' OR withdrawn) THEN
        SELECT m.state, m.due_on INTO month_state, due FROM communities_reportingmonth m
            WHERE m.id = NEW.month_id FOR SHARE;
        IF month_state <> 'open' THEN
            {_refuse("the month is not open", "这个月没有开放填报。")}
        END IF;
        IF filed AND NEW.first_submitted_at IS NULL THEN
            NEW.first_submitted_at := NEW.submitted_at;
            NEW.is_late := due < COALESCE((SELECT day FROM communities_sampleday LIMIT 1), today);
        END IF;
    END IF;
"""  # noqa: S608  constants of this module


# What has arrived, was paid or was built neither becomes less nor unknown again: the month approved before it says how
# much it was, the one approved after it how much it may be. Asked when it is handed in and once more when it is
# approved: another month may have been approved meanwhile.
def _falls(before: str, after: str) -> str:
    return " OR ".join(
        f"({before}.{field} IS NOT NULL AND ({after}.{field} IS NULL OR {after}.{field} < {before}.{field}))"
        for field in CUMULATIVE
    )


def _approved(side: str, order: str) -> str:
    """The nearest approved report of the project on one side of the month."""
    return f"""
            JOIN communities_reportingmonth m ON m.id = r.month_id
            JOIN communities_reportingmonth own ON own.id = NEW.month_id
            WHERE r.project_id = NEW.project_id AND r.state = 'approved'
                AND (m.year, m.number) {side} (own.year, own.number)
            ORDER BY m.year {order}, m.number {order}, r.revision DESC LIMIT 1;"""


_CUMULATIVE = f"""
    IF filed OR decided AND NEW.state = 'approved' THEN
        SELECT r.* INTO earlier FROM facilities_progressreport r{_approved("<", "DESC")}
        IF {_falls("earlier", "NEW")} THEN
            {_refuse("what is cumulative does not fall", "累计数不能比上月少。上月数如有错，请更正上月的月报。")}
        END IF;
        SELECT r.* INTO later FROM facilities_progressreport r{_approved(">", "ASC")}
        IF later.id IS NOT NULL AND ({_falls("NEW", "later")}) THEN
            {_refuse("what is cumulative does not fall later", "累计数不能比后面已通过的月报多，先更正后面的月报。")}
        END IF;
    END IF;
"""  # noqa: S608  constants of this module

_DECISION = f"""
    IF NOT decided THEN
        IF TG_OP = 'INSERT' THEN
            IF NEW.reviewed_by_id IS NOT NULL OR NEW.stage_event_id IS NOT NULL THEN
                {_refuse("nobody has reviewed it yet", "还没有人审核。")}
            END IF;
        ELSIF ({_row("NEW", _REVIEWED)}) IS DISTINCT FROM ({_row("OLD", _REVIEWED)}) THEN
            {_refuse("only a decision says who decided", "审核人和意见只在审核时记下。")}
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.reviewed_by_id = ANY (NEW.authors) THEN
        {_refuse("nobody decides on what they entered", "你本人填报，须由他人审核。")}
    END IF;
    SELECT p.community_id INTO place FROM facilities_project p WHERE p.id = NEW.project_id;
    PERFORM 1 FROM communities_community WHERE id = place FOR SHARE;
    SELECT l.unit_id INTO home FROM communities_placement l
        WHERE l.community_id = place ORDER BY l.valid_from DESC LIMIT 1;
    IF NOT EXISTS (
        SELECT 1 FROM communities_membership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.user_id = NEW.reviewed_by_id AND m.role = NEW.reviewed_as AND u.is_active
            AND m.valid_from <= today AND (m.valid_until IS NULL OR m.valid_until > today)
            AND (m.role = '{Role.CITY_OFFICE}' OR (m.role = '{Role.COUNTY_REVIEWER}' AND m.unit_id = home))
    ) THEN
        {_refuse("no right to review", "审核由社区现在所在单位的审核岗位办。")}
    END IF;
    IF NEW.reviewed_as = '{Role.CITY_OFFICE}' AND EXISTS (
        SELECT 1 FROM communities_membership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.unit_id = home AND m.role = '{Role.COUNTY_REVIEWER}' AND u.is_active
            AND m.valid_from <= today AND (m.valid_until IS NULL OR m.valid_until > today)
            AND m.user_id <> ALL (NEW.authors)
            AND NOT EXISTS (
                SELECT 1 FROM communities_absence a
                WHERE a.user_id = m.user_id AND today BETWEEN a.first_day AND a.last_day
                    AND (a.ended_on IS NULL OR a.ended_on > today)
            )
    ) THEN
        {_refuse("a reviewer of the unit is there", "这个单位有审核人在岗，由他们审核。")}
    END IF;
"""  # noqa: S608  constants of this module

# What was approved is what the stages say of the month's last day; the row that approval added is named with it.
_STAGE = f"""
    IF NEW.state = '{ReportState.APPROVED}' THEN
        IF NEW.stage_event_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM facilities_stageevent e WHERE e.id = NEW.stage_event_id
                AND (e.project_id, e.stage, e.occurred_on) = (NEW.project_id, NEW.stage, NEW.stage_on)
        ) THEN
            {_refuse("not the stage that was reported", "登记的阶段和月报不一致。")}
        END IF;
        IF NEW.stage <> COALESCE((
            SELECT e.stage FROM facilities_stageevent e
                JOIN communities_reportingmonth m ON m.id = NEW.month_id
            WHERE e.project_id = NEW.project_id
                AND e.occurred_on < make_date(m.year, m.number, 1) + INTERVAL '1 month'
            ORDER BY e.occurred_on DESC, e.id DESC LIMIT 1
        ), 0) THEN
            {_refuse("the stages do not say so", "月报的阶段还没有登记，不能通过。")}
        END IF;
    ELSIF NEW.stage_event_id IS NOT NULL THEN
        {_refuse("only approval adds a stage", "退回的月报不登记阶段。")}
    END IF;
    RETURN NEW;
"""  # noqa: S608  constants of this module

REPORT_RULES = pgtrigger.Trigger(
    name="report_rules",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare=[
        ("today", "DATE := (now() AT TIME ZONE 'Asia/Shanghai')::date"),
        ("entered", "BOOLEAN"),
        ("filed", "BOOLEAN"),
        ("withdrawn", "BOOLEAN"),
        ("decided", "BOOLEAN"),
        ("month_state", "TEXT"),
        ("due", "DATE"),
        ("place", "BIGINT"),
        ("home", "BIGINT"),
        ("earlier", "facilities_progressreport%ROWTYPE"),
        ("later", "facilities_progressreport%ROWTYPE"),
    ],
    func=_PRELUDE + _ENTRY + _LATE + _CUMULATIVE + _DECISION + _STAGE,
)
