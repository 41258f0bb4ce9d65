"""A project of the sample city with what its reports and photos follow from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from facilities.models import Project, StageEvent
from xiaogan_portal.sample.people import Team
from xiaogan_portal.sample.works import Books

Teams = dict[int, Team]


@dataclass
class Site:
    """A project with what its reports follow from, and what the last one said."""

    project: Project
    unit: int
    team: Team
    ladder: list[StageEvent] = field(default_factory=list)
    percent: int = 0
    problem: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        self.books = Books(self.project)

    def by(self, day: dt.date) -> StageEvent | None:
        """The latest step by a day."""
        steps = [event for event in self.ladder if event.occurred_on <= day]
        return steps[-1] if steps else None
