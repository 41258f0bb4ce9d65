"""People at work while the storm goes on: stages, standardisations and scores, entered through the actions."""

from __future__ import annotations

import datetime as dt
import random
import threading
from decimal import Decimal

from django.db import connections

from accounts.models import User
from communities.models import Community
from facilities.actions import record_stage
from facilities.models import Project
from facilities.workflow import Stage
from inspections.models import Inspection, Round
from inspections.scoring_actions import save_scores, start_inspection, submit
from services.actions import accept_standardisation, withdraw_standardisation
from services.models import ServiceCentre

LAST_DAY = dt.date(2014, 1, 31)
REST_SECONDS = 0.15


class Editors(threading.Thread):
    """Makes edits one after the other until told to stop; `made` counts them by kind, `fault` keeps what broke."""

    def __init__(self, actor: User, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.actor = actor
        self.chance = chance
        self.made = {"stage": 0, "standardisation": 0, "score": 0}
        self.fault: BaseException | None = None
        self._enough = threading.Event()

    def run(self) -> None:
        edits = {"stage": self._stage, "standardisation": self._standardisation, "score": self._score}
        try:
            while not self._enough.wait(REST_SECONDS):
                kind = self.chance.choice(list(edits))
                self.made[kind] += edits[kind]()
        except BaseException as fault:
            self.fault = fault
        finally:
            connections.close_all()

    def finish(self) -> None:
        """Let the edit under way end, then no more."""
        self._enough.set()
        self.join(30)

    def _stage(self) -> int:
        """One step on, or two back with a reason, on a day after the last step."""
        project = self.chance.choice(list(Project.objects.order_by("pk")))
        latest = project.stages.latest_first().first()
        before, since = (latest.stage, latest.occurred_on) if latest else (Stage.CONCEIVED, dt.date(2013, 1, 1))
        back = before > Stage.LAND and self.chance.random() < 0.3
        stage = before - 2 if back else min(before + 1, Stage.IN_USE)
        day = since + dt.timedelta(days=self.chance.randint(1, 60))
        if stage == before or day > LAST_DAY:
            return 0
        record_stage(project, stage, occurred_on=day, actor=self.actor, reason="返工" if back else "")
        return 1

    def _standardisation(self) -> int:
        centre = self.chance.choice(list(ServiceCentre.objects.order_by("pk")))
        current = centre.standardisations.filter(valid_until__isnull=True).first()
        if current is not None:
            day = current.valid_from + dt.timedelta(days=self.chance.randint(1, 60))
            withdraw_standardisation(centre, reason="复查不合格", on=day, actor=self.actor)
        elif not centre.standardisations.exists():
            day = dt.date(2013, 1, 1) + dt.timedelta(days=self.chance.randint(0, 364))
            accept_standardisation(centre, on=day, actor=self.actor)
        else:
            return 0
        return 1

    def _score(self) -> int:
        round_ = self.chance.choice(list(Round.objects.order_by("pk")))
        done = Inspection.objects.filter(round=round_).values("community")
        waiting = list(Community.objects.exclude(pk__in=done).order_by("pk"))
        if not waiting:
            return 0
        inspection = start_inspection(
            round_, self.chance.choice(waiting), inspected_on=round_.ends_on, actor=self.actor
        )
        scores = {}
        for item in round_.sheet.items.all():
            lost = Decimal(self.chance.randint(0, int(item.full_marks)))
            scores[item.pk] = (lost, "现场与台账不一致" if lost else "")
        inspection = save_scores(inspection, scores, expected_version=inspection.version, actor=self.actor)
        submit(inspection, actor=self.actor)
        return 1
