"""What the database itself holds of photos, whoever writes and however. The action says it first, in the same words."""

from __future__ import annotations

import pgtrigger

# So many for one project and month; a handful shows a stage, more is 拍照留痕 (domain rules on burden).
MOST_PHOTOS = 9

_KEPT = (
    "project_id",
    "month_id",
    "stage",
    "spot",
    "caption",
    "original",
    "display",
    "thumb",
    "sha256",
    "size",
    "width",
    "height",
    "phash",
    "taken_at",
    "taken_lat",
    "taken_lon",
    "uploaded_by_id",
    "uploaded_as",
    "uploaded_at",
    "is_sample",
)


def _refuse(english: str, sentence: str) -> str:
    return f"RAISE EXCEPTION '{english}' USING ERRCODE = 'check_violation', HINT = '{sentence}';"


def _row(record: str) -> str:
    return ", ".join(f"{record}.{field}" for field in _KEPT)


# The project's lock comes first, as for reports: an approval and a withdrawal see each other.
_CHECK = f"""
    IF TG_OP = 'DELETE' THEN
        {_refuse("a photo is never deleted", "照片不能删除，只能撤下。")}
    END IF;
    PERFORM 1 FROM facilities_project WHERE id = NEW.project_id FOR NO KEY UPDATE;
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        IF ({_row("NEW")}) IS DISTINCT FROM ({_row("OLD")}) THEN
            {_refuse("a photo is not changed", "照片和说明传上以后不能改，要改请撤下重传。")}
        END IF;
        IF OLD.withdrawn_at IS NOT NULL THEN
            {_refuse("a withdrawal is final", "这张照片已经撤下。")}
        END IF;
        IF EXISTS (
            SELECT 1 FROM facilities_progressreport r
            WHERE r.project_id = OLD.project_id AND r.month_id = OLD.month_id
                AND r.state = 'approved' AND r.reviewed_at >= OLD.uploaded_at
        ) THEN
            {_refuse("evidence of an approved report stays", "月报已经通过，作为证据的照片不能再撤下。")}
        END IF;
    END IF;
    IF EXISTS (
        SELECT 1 FROM facilities_progressreport r
        WHERE r.project_id = NEW.project_id AND r.month_id = NEW.month_id AND r.state = 'submitted'
    ) THEN
        {_refuse("the report is under review", "月报正在审核，照片先不能动；要动请先撤回月报。")}
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT 1 FROM facilities_progressreport r
        WHERE r.project_id = NEW.project_id AND r.month_id = NEW.month_id
            AND r.state = 'approved' AND r.reviewed_at >= NEW.uploaded_at
    ) THEN
        {_refuse("nothing is added behind an approval", "月报已经通过。要补照片，请先发起更正。")}
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (
        SELECT 1 FROM facilities_stagedefinition d WHERE d.stage = NEW.stage AND d.needs_photo
    ) THEN
        {_refuse("no photo is asked for", "这个阶段的认定口径没有把照片列为依据，不收照片。")}
    END IF;
    IF TG_OP = 'INSERT' AND (
        SELECT count(*) FROM facilities_photo p
        WHERE p.project_id = NEW.project_id AND p.month_id IS NOT DISTINCT FROM NEW.month_id
            AND p.withdrawn_at IS NULL
    ) >= {MOST_PHOTOS} THEN
        {_refuse("enough photos", f"一个项目一个月最多 {MOST_PHOTOS} 张照片。先撤下不用的，再传。")}
    END IF;
    RETURN NEW;
"""  # noqa: S608  constants of this module

PHOTO_RULES = pgtrigger.Trigger(
    name="photo_rules",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func=_CHECK,
)
