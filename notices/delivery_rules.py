"""What the database itself holds of a delivery, whoever writes and however."""

from __future__ import annotations

import pgtrigger

from notices.workflow import MOVES

_MOVES = ", ".join(sorted(f"'{before.value}>{after.value}'" for before, afters in MOVES.items() for after in afters))


def _refuse(english: str, sentence: str) -> str:
    return f"RAISE EXCEPTION '{english}' USING ERRCODE = 'check_violation', HINT = '{sentence}';"


# What happened stays: a delivery is not removed, given to another person, sent again, unread or unsigned.
STAYS = pgtrigger.Trigger(
    name="delivery_stays",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=f"""
        IF TG_OP = 'DELETE' THEN
            {_refuse("a delivery is never deleted", "送达记录不能删除。")}
        END IF;
        IF (NEW.notice_id, NEW.recipient_id, NEW.channel)
            IS DISTINCT FROM (OLD.notice_id, OLD.recipient_id, OLD.channel)
        THEN
            {_refuse("a delivery keeps its notice, person and channel", "送达记录不能换通知、收件人和渠道。")}
        END IF;
        IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN ({_MOVES}) THEN
            {_refuse("no such move", "这条通知已经发过，不能再发。")}
        END IF;
        IF (OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at)
            OR (OLD.seen_at IS NOT NULL AND NEW.seen_at IS DISTINCT FROM OLD.seen_at)
            OR (OLD.signed_at IS NOT NULL AND NEW.signed_at IS DISTINCT FROM OLD.signed_at)
        THEN
            {_refuse("what was sent, seen and signed for stays so", "发送、查看和签收的时间记下后不能改。")}
        END IF;
        RETURN NEW;
    """,
)
