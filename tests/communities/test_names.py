"""Pinyin: what lists are ordered by and people search with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.names import pinyin_of


@pytest.mark.parametrize(
    ("name", "full", "first"),
    [
        ("金桥社区", "jinqiaoshequ", "jqsq"),
        ("重庆路社区", "chongqinglushequ", "cqlsq"),
        ("吕王社区", "lvwangshequ", "lwsq"),
        ("长安A区1号社区", "changanaqu1haoshequ", "caaq1hsq"),
        ("（东）·社区", "dongshequ", "dsq"),
    ],
)
def test_full_and_initials(name: str, full: str, first: str) -> None:
    """Lower case, no tones, no blanks, no punctuation; the reading is that of the phrase."""
    assert pinyin_of(name) == (full, first)


@given(st.text(max_size=50))
def test_any_name_fits_its_columns(name: str) -> None:
    """Whatever a person types: never an error, never longer than the columns."""
    full, first = pinyin_of(name)
    assert len(full) <= 200 and len(first) <= 50 and " " not in full
