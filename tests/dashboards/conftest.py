"""What the tests of figures share: nobody needs a broker, since they work the ledger off themselves."""

from __future__ import annotations

import pytest

from communities.models import ReportingQuarter
from dashboards.models import Mark
from jobs import broker
from tests.factories import make_quarter


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wake-up calls go nowhere."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    broker.breaker.worked()


@pytest.fixture
def half_year(db: None) -> dict[str, ReportingQuarter]:
    """2013Q3 and 2013Q4, open, by name. Nothing is marked yet, so that a test rolls up what it touches."""
    made = {f"2013Q{number}": make_quarter(2013, number) for number in (3, 4)}
    Mark.objects.all().delete()
    return made
