"""Pinyin of a name, for order and search: the database has neither Chinese collation nor trigrams."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def pinyin_of(name: str) -> tuple[str, str]:
    """Full pinyin and initials of a name, both lower case, without tones and spaces.

    金桥社区 → ("jinqiaoshequ", "jqsq"). Latin letters and digits stay; a character that has no reading
    stays itself. Characters with several readings get the one of the phrase they stand in, or their
    commonest: best effort, which is enough to find and sort by.
    """
    full = lazy_pinyin(name, errors=_plain, v_to_u=False)
    first = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_plain)
    return _joined(full)[:200], _joined(first)[:50]


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _joined(parts: list[str]) -> str:
    return "".join(parts).lower()
