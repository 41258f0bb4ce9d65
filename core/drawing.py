"""Geometry of the pictures that the server draws: shares of a bar as SVG attributes, so that no style is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.components import Number, Segment
from core.formats import thousands

# Below these shares of the bar's length a number is centred, or left out because it would not fit.
CENTRED_BELOW = 10.0
UNNAMED_BELOW = 2.5
# A phone's bar has a third of a desk's length: there a number with less than this for each of its digits is left out.
SLIM_A_DIGIT = 3.0
LIGHT_KINDS = frozenset({"wait", "grey", "none", "amount-1", "amount-2", "amount-3"})
GAP_KINDS = frozenset({"gap", "empty"})


@dataclass(frozen=True)
class Piece:
    """A segment in its place: `x` and `width` in percent of the bar."""

    segment: Segment
    x: str
    width: str
    text: str
    text_x: str
    anchor: str
    tone: str
    name: str


def share_of(value: Number, total: Number) -> float:
    """Percent of the total, 0 to 100, whatever the signs; 0 when there is nothing to share."""
    return min(100.0, abs(float(value) / float(total)) * 100) if total else 0.0


def _percent(value: float) -> str:
    return f"{value:.3f}%"


def _tone(kind: str) -> str:
    if kind in GAP_KINDS:
        return "on-gap"
    return "on-light" if kind in LIGHT_KINDS else ""


def bar_pieces(segments: Sequence[Segment], total: Number | None = None) -> list[Piece]:
    """The segments of a bar, laid end to end; empty ones are left out. `total` is the full length, else their sum."""
    whole = sum((Decimal(str(s.value)) for s in segments), Decimal(0)) if total is None else total
    pieces: list[Piece] = []
    start = 0.0
    for segment in segments:
        share = share_of(segment.value, whole)
        if share <= 0:
            continue
        text = thousands(segment.value) if share >= UNNAMED_BELOW else ""
        centred = share < CENTRED_BELOW or segment.kind == "gap"
        pieces.append(
            Piece(
                segment=segment,
                x=_percent(start),
                width=_percent(share),
                text=text,
                text_x="50%" if centred else "10",
                anchor="middle" if centred else "start",
                tone=f"{_tone(segment.kind)}{' slim' if share < SLIM_A_DIGIT * len(text) else ''}".strip(),
                name=f"{segment.label} {thousands(segment.value)}".strip(),
            )
        )
        start += share
    return pieces


def loss_widths(lost: Number, worst: Number, largest: Number) -> tuple[str, str]:
    """Widths of a bar of lost points and of its dark part, both against the largest loss of the table."""
    return _percent(share_of(lost, largest)), _percent(share_of(worst, largest))
