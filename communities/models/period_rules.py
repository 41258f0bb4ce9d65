"""What the database itself holds of months and quarters, whoever writes and however.

The actions (`communities.actions.periods`) say it first; the trigger is what two people at once, a bulk update and
plain SQL meet. The moves are those of `communities.workflow`.
"""

from __future__ import annotations

import pgtrigger

from communities.workflow import MOVES, may_become


def _refuse(english: str, sentence: str) -> str:
    return f"RAISE EXCEPTION '{english}' USING ERRCODE = 'check_violation', HINT = '{sentence}';"


_KEPT = f"""
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'planned' THEN
            {_refuse("a period that was opened is never deleted", "开放过的月份和季度不能删除。")}
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.year, NEW.number, NEW.opens_on) IS DISTINCT FROM (OLD.year, OLD.number, OLD.opens_on) THEN
        {_refuse("a period keeps its time", "月份和季度建好后，年份、序号和开放日期不再变。")}
    END IF;
"""

_DUE = f"""
    IF NEW.due_on <> OLD.due_on THEN
        IF OLD.state = 'closed' THEN
            {_refuse("a closed period keeps its due date", "已关闭，不能再改截止日期。")}
        END IF;
        IF btrim(NEW.due_reason) = '' OR NEW.due_reason = OLD.due_reason THEN
            {_refuse("a due date moves with a reason of its own", "改截止日期要写明这一次的原因。")}
        END IF;
    ELSIF NEW.due_reason <> OLD.due_reason THEN
        {_refuse("a reason comes with its date", "改期原因随截止日期一起改。")}
    END IF;
"""

_PUBLICATION = f"""
    IF OLD.published_on IS NOT NULL AND NEW.published_on IS DISTINCT FROM OLD.published_on THEN
        {_refuse("a quarter is published once", "已经公布，公布日期不能再改。")}
    END IF;
    IF NEW.published_on IS NOT NULL AND NEW.state <> OLD.state AND NEW.state = 'open' THEN
        {_refuse("a published quarter is not opened", "已经公布，不能再开放。")}
    END IF;
"""


def _moves(first_day: str, *, closes: bool) -> str:
    pairs = [(a, b) for a, after in MOVES.items() for b in sorted(after) if may_become(a, b, closes=closes)]
    allowed = ", ".join(f"'{before}>{after}'" for before, after in pairs)
    return f"""
    IF NEW.state <> OLD.state THEN
        IF (OLD.state || '>' || NEW.state) NOT IN ({allowed}) THEN
            {_refuse("no such move", "月份和季度不能这样办理。")}
        END IF;
        IF NEW.state = 'open' AND {first_day} > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
            {_refuse("it has not begun", "还没有开始，到了那天再开放。")}
        END IF;
    END IF;
    """


def period_rules(first_day: str, *, closes: bool, published: bool = False) -> pgtrigger.Trigger:
    """The trigger for a kind of period.

    `first_day` is its first day as SQL, `closes` whether one is ever closed, `published` whether it has a day of
    publication.
    """
    moves = _moves(first_day, closes=closes)
    return pgtrigger.Trigger(
        name="period_rules",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_KEPT + (_PUBLICATION if published else "") + moves + _DUE + "RETURN NEW;",
    )
