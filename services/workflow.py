"""Which counting rule goes with which kind of organisation (the published figures count by kind)."""

from __future__ import annotations

RULES_OF_KIND: dict[str, tuple[str, ...]] = {
    "party": ("party",),
    "autonomous": ("committee", "group"),
    "social": ("registered", "filed"),
}


def rule_fits(kind: str, counting_rule: str) -> bool:
    """Whether an organisation of `kind` may be counted by `counting_rule`."""
    return counting_rule in RULES_OF_KIND.get(kind, ())
