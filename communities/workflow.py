"""Which way a reporting period may go."""

from __future__ import annotations

# State → states it may become. A closed period may be opened again, until it is published.
MOVES: dict[str, frozenset[str]] = {
    "planned": frozenset({"open"}),
    "open": frozenset({"closed"}),
    "closed": frozenset({"open"}),
}


def may_become(before: str, after: str) -> bool:
    """Whether a period in state `before` may go to `after`."""
    return after in MOVES[before]
