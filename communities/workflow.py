"""Which way a reporting period may go."""

from __future__ import annotations

# State → states it may become. A closed month may be opened again.
MOVES: dict[str, frozenset[str]] = {
    "planned": frozenset({"open"}),
    "open": frozenset({"closed"}),
    "closed": frozenset({"open"}),
}


def may_become(before: str, after: str, *, closes: bool) -> bool:
    """Whether a period in state `before` may go to `after`; `closes` for a kind that is ever closed (months)."""
    return after in MOVES[before] and (closes or "closed" not in (before, after))
