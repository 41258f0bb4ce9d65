"""The month of a unit as tests of its page ask for it, and read the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import User
from communities.models import ReportingUnit
from facilities.models import ProgressReport, Project
from tests import factories
from tests.facilities.report_scene import Scene, make_scene

SignIn = Callable[[User], Client]
PAGE = "/projects/months/2013-12/"
JSON = {"Accept": "application/json"}


def text(answer: Any) -> str:
    """The answer as text."""
    return str(answer.content.decode())


def december(scene: Scene, project: Project | None = None) -> ProgressReport:
    """The report of December."""
    return ProgressReport.objects.get(project=project or scene.project, month=scene.month)


def row(project: Project, values: dict[str, str] | None, version: int | None = None) -> dict[str, Any]:
    """A row as the script sends it."""
    return {"project": project.pk, "version": version, "values": values}


def send(page: Client, *rows: dict[str, Any], to: str = PAGE, **more: Any) -> Any:
    """Rows as the script sends them."""
    return page.post(to, {"rows": json.dumps(rows), **more}, headers=JSON)


def line_of(answer: Any, project: Project) -> Any:
    """The project's line on the page."""
    return next(line for group in answer.context["groups"] for line in group.lines if line.row.project.pk == project.pk)


def batch_scene(units: dict[str, ReportingUnit]) -> Scene:
    """A unit whose one project has a report of November, with money of one source."""
    scene = make_scene(units["XC"])
    Project.objects.filter(pk=scene.project.pk).update(fund_city=Decimal(2000), invested_before=Decimal(160))
    scene.project.refresh_from_db()
    scene.approved(factories.make_month(2013, 11), text="土方开挖", arrived_city=Decimal("1200.00"))
    return scene
