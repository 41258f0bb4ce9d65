"""Every write of photos: adding one, withdrawing one. The project is locked first, as for its reports."""

from __future__ import annotations

from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import require_reason
from communities.models import PeriodState, ReportingMonth
from communities.roles import Role
from core.attachments import keep
from core.constraints import require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.pictures import Picture, look_at
from facilities.evidence import photo_stages, photo_wanted
from facilities.models import MOST_PHOTOS, Photo, ProgressReport, Project
from facilities.models.photos import FOLDER
from facilities.report_workflow import OPEN, REPORTERS, ReportState, in_time
from facilities.workflow import Stage


def add_photo(
    project: Project,
    month: ReportingMonth | None,
    *,
    picture: File[Any],
    stage: int,
    actor: User,
    spot: str = "",
    caption: str = "",
) -> Photo:
    """Keep a photo as evidence that the project is at `stage`, with the report of `month`.

    Without a month it belongs to a stage that the city office enters directly. The picture is looked at before
    anything is locked. Raises NotAllowed, PictureRefused, NotStored, WrongState unless the month's report is open for
    editing, RuleViolation where the stage asks for no photo, nine are there or this one is.
    """
    capacity = _capacity(project, month, actor)
    _require_wanted(stage)
    _require_room(project, month)
    seen = look_at(picture)
    with transaction.atomic():
        locked = _lock(project)
        _require_editable(locked, month)
        _require_room(locked, month)
        photo = Photo(
            project=locked,
            month=month,
            stage=stage,
            spot=_plain(spot),
            caption=_plain(caption),
            uploaded_by=actor,
            uploaded_as=capacity,
            is_sample=locked.is_sample,
            **_facts(seen),
        )
        require_valid(photo)
        keep_files(photo, picture, seen)
        with rules_as_sentences(Photo):
            photo.save(force_insert=True)
        return photo


@transaction.atomic
def withdraw_photo(photo: Photo, *, actor: User, reason: str) -> Photo:
    """Take a photo out of the evidence; it and its files stay on record.

    Raises NotAllowed, WrongState once its report is handed in or approved, RuleViolation without a reason.
    """
    locked = _lock(photo.project)
    stored = Photo.objects.get(pk=photo.pk)
    _capacity(locked, stored.month, actor)
    why = require_reason(reason)
    if stored.withdrawn_at is not None:
        raise WrongState(_("这张照片已经撤下。"))
    if stored.month is not None and not Photo.objects.awaiting().filter(pk=stored.pk).exists():
        raise WrongState(_("月报已经通过，作为证据的照片不能再撤下。"))
    _require_editable(locked, stored.month)
    stored.withdrawn_at, stored.withdrawn_by, stored.withdrawn_reason = timezone.now(), actor, why
    require_valid(stored)
    with rules_as_sentences(Photo):
        stored.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    return stored


def keep_files(photo: Photo, picture: bytes | File[Any], seen: Picture) -> None:
    """Write the three files of a photo that is about to be saved, in the same transaction."""
    photo.original = keep(FOLDER, seen.suffix, picture)
    photo.display = keep(FOLDER, "jpg", seen.copy)
    photo.thumb = keep(FOLDER, "jpg", seen.thumb)


def _facts(seen: Picture) -> dict[str, Any]:
    names = ("sha256", "size", "width", "height", "phash", "taken_at", "taken_lat", "taken_lon")
    return {name: getattr(seen, name) for name in names}


def _lock(project: Project) -> Project:
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _plain(text: str) -> str:
    # PostgreSQL stores no NUL.
    return text.replace("\0", "").strip()


def _capacity(project: Project, month: ReportingMonth | None, actor: User) -> str:
    """As what the person adds or withdraws."""
    for role in REPORTERS if month is not None else (Role.CITY_OFFICE,):
        if Project.objects.reached_as(actor, {role}).filter(pk=project.pk).exists():
            return role
    raise NotAllowed(_("你的岗位不能为这个项目传照片。"))


def _require_wanted(stage: int) -> None:
    if not photo_wanted(stage):
        facts = {
            "stage": Stage(stage).label if stage in Stage.values else stage,
            "wanted": _("、").join(str(each.label) for each in photo_stages()),
        }
        raise RuleViolation(_("“%(stage)s”不要照片。要照片的阶段：%(wanted)s。") % facts, field="stage")


def _require_room(project: Project, month: ReportingMonth | None) -> None:
    if Photo.objects.active().of_month(project, month).count() >= MOST_PHOTOS:
        sentence = _("一个项目一个月最多 %(most)d 张照片。先撤下不用的，再传。")
        raise RuleViolation(sentence % {"most": MOST_PHOTOS}, field="picture")


def _require_editable(project: Project, month: ReportingMonth | None) -> None:
    """Photos come and go while the report that they belong to can be edited."""
    if month is None:
        return
    newest = ProgressReport.objects.of_month(month).filter(project=project).newest_revision().first()
    if newest is not None and newest.state not in OPEN:
        if newest.state == ReportState.SUBMITTED:
            raise WrongState(_("月报正在审核，照片先不能动；要动请先撤回月报。"))
        raise WrongState(_("月报已经通过。要补照片，请先发起更正。"))
    # As for the report's own text: what came back is mended in a closed month, too.
    month_open = ReportingMonth.objects.values_list("state", flat=True).get(pk=month.pk) == PeriodState.OPEN
    state, corrects = (ReportState.DRAFT, False) if newest is None else (newest.state, newest.is_correction)
    if not in_time(state, corrects=corrects, month_open=month_open):
        raise WrongState(_("%(month)s 不在填报中，不能传照片。") % {"month": month})
