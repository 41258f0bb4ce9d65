"""How tests are dealt out to several processes: whole files, the slow ones first, all browser tests to one process.

A plug-in that `make test` names. pytest-xdist's own groups are silently ignored by pytest 9.2 and newer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = "tests/browser/"


def portion(nodeid: str) -> str:
    """What goes to one process as a whole: a file, or the folder whose tests share one costly fixture."""
    path = nodeid.split("::")[0]
    return TOGETHER if path.startswith(TOGETHER) else path


class ByPortion(LoadScopeScheduling):  # type: ignore[misc]  # xdist carries no types
    """Deals out portions in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return portion(nodeid)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow portions first, then long ones: at the end no process waits for another's last portion."""
    sizes = Counter(portion(item.nodeid) for item in items)
    slow = {
        portion(item.nodeid) for item in items if item.get_closest_marker("storm") or item.nodeid.startswith(TOGETHER)
    }
    items.sort(key=lambda item: (portion(item.nodeid) not in slow, -sizes[portion(item.nodeid)]))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPortion:
    """Keeps the order that the hook above made."""
    config.option.loadscopereorder = False
    return ByPortion(config, log)
