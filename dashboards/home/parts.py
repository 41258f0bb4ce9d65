"""What a first page is made of: plain values, no rule and no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.components import Action, Segment


@dataclass(frozen=True)
class Line:
    """One thing in a panel, with the page that it is done or read on. `tone` and `icon` belong to the pill."""

    title: str
    text: str = ""
    url: str = ""
    action: str = ""
    pill: str = ""
    tone: str = ""
    icon: str = ""
    sample: bool = False
    day: dt.date | None = None


@dataclass(frozen=True)
class Panel:
    """A card. `rest` says what is not listed, with its page; an empty panel shows `empty`, or is left out."""

    key: str
    title: str
    lines: Sequence[Line] = ()
    template: str = "dashboards/home/_lines.html"
    pill: str = ""
    tone: str = ""
    icon: str = ""
    note: str = ""
    link: Action | None = None
    rest: str = ""
    rest_url: str = ""
    empty: str = ""
    rail: bool = False
    data: Any = None

    @property
    def shown(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.lines or self.empty or self.data)


@dataclass(frozen=True)
class Head:
    """The sentence on top: what waits, until when. `late` turns what remains red; `segments` sum up to `total`."""

    title: str
    text: str = ""
    left: str = ""
    late: bool = False
    segments: Sequence[Segment] = ()
    total: str = ""
    action: Action | None = None
    short_action: str = ""
    # Where the action leads on a desk, if elsewhere than on a phone.
    desk_url: str = ""
    # Other ways to the same, on a desk.
    desk_actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Part:
    """What one role adds to the page. The first part with a head gives the page its sentence."""

    name: str
    place: str = ""
    head: Head | None = None
    panels: Sequence[Panel] = field(default_factory=tuple)
