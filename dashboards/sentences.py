"""Sentences made of figures, each figure a link: whole sentences for the translator, plain pieces for the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

_SLOT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Piece:
    """Some words of a sentence: plain, or the text of a link; `tone` is empty or `bad`."""

    text: str
    url: str = ""
    tone: str = ""


Sentence = Sequence[Piece]


def compose(sentence: str, **parts: Piece | Sentence) -> list[Piece]:
    """A translated sentence with `%(name)s` in it, and what stands in each place. KeyError for a place not given."""
    pieces: list[Piece] = []
    for place, text in enumerate(_SLOT.split(sentence)):
        if place % 2:
            part = parts[text]
            pieces += [part] if isinstance(part, Piece) else part
        elif text:
            pieces.append(Piece(text))
    return pieces


def listed(pieces: Sentence) -> list[Piece]:
    """Several things one after the other: 孝昌、大悟."""
    found: list[Piece] = []
    for piece in pieces:
        found += [Piece(_("、")), piece] if found else [piece]
    return found


def spoken(sentence: Sentence) -> str:
    """The sentence as text alone."""
    return "".join(piece.text for piece in sentence)
