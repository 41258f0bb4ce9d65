"""A sentence that is kept is put together again in the language of whoever reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from communities.models import CommunityType
from core.sentences import Sentence, SentenceField, gettext, joined, kept, said, said_by, told

LONG = "太长：%(have)s 个字，最多 %(most)s 个字。请缩短。"
NUMBER = "“%s”不是数字。"


def read(stored: Any, language: str) -> str:
    """What a reader of the language gets, after it was in the database."""
    with translation.override(language):
        return told(json.loads(json.dumps(stored)))


def test_it_is_a_text_in_the_language_of_now() -> None:
    assert gettext(NUMBER) % "多" == "“多”不是数字。"
    with translation.override("en"):
        assert "多" in gettext(NUMBER) % "多" and "不是" not in gettext(NUMBER) % "多"


@given(st.text(max_size=20), st.integers())
def test_what_was_kept_is_told_in_any_language(typed: str, number: int) -> None:
    for sentence in (gettext(NUMBER) % typed, gettext(LONG) % {"have": number, "most": typed}):
        assert read(kept(sentence), "zh-hans") == sentence
        in_english = read(kept(sentence), "en")
        assert in_english != sentence and (typed in in_english)
        # And once more: whoever reads in English may be the one who saves it again.
        with translation.override("en"):
            again = kept(told(kept(sentence)))
        assert read(again, "zh-hans") == sentence


def test_values_that_are_words_are_told_so_too() -> None:
    label = CommunityType.CITY.label
    sentence = gettext("“%s”必须填。") % label
    assert kept(sentence)["values"] == [{"message": "城市"}]
    assert "城市" in read(kept(sentence), "zh-hans") and "城市" not in read(kept(sentence), "en")
    inner = gettext("没有导入，一行也没有写。%s已重新核对，请再看一遍。") % (gettext(NUMBER) % "多")
    assert "不是数字" in read(kept(inner), "zh-hans") and "不是数字" not in read(kept(inner), "en")


def test_words_are_joined_as_the_language_does() -> None:
    words = joined(gettext("、"), [said("城市"), "甲", said("农村")])
    assert words == "城市、甲、农村"
    assert read(kept(words), "en").count(", ") == 2
    assert joined(gettext("、"), []) == "" == read(kept(joined(gettext("、"), [])), "en")


def test_what_was_stored_finished_reads_as_it_is() -> None:
    finished = "第 3 行：进度 100%，阶段是“%s”。"
    assert read({"column": "percent", "message": finished}, "zh-hans") == finished
    assert read({"message": finished}, "en") == finished
    assert read(kept(finished), "en") == finished


def test_an_empty_text_says_nothing() -> None:
    assert gettext("") == "" == read(kept(""), "en")


@pytest.mark.parametrize("validator", [MaxValueValidator(5), MaxLengthValidator(5)])
def test_what_a_validator_says_can_be_kept(validator: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        validator(7 if isinstance(validator, MaxValueValidator) else "1234567")
    assert said_by(refused.value.error_list[0]) == refused.value.messages[0]
    own = ValidationError(gettext_lazy("“%s”不是数字。"), params=None)
    assert said_by(own).message == NUMBER


def test_of_a_validator_with_values_the_message_is_kept() -> None:
    with pytest.raises(ValidationError) as refused:
        MaxValueValidator(5)(7)
    stored = kept(said_by(refused.value.error_list[0]))
    assert read(stored, "en") == "Ensure this value is less than or equal to 5."
    assert read(stored, "zh-hans") != read(stored, "en")


def test_the_field_keeps_sentences_and_leaves_texts_alone() -> None:
    field = SentenceField()
    stored = field.get_prep_value(gettext(NUMBER) % "多")
    with translation.override("en"):
        assert field.from_db_value(stored, None, None) == gettext(NUMBER) % "多"
    assert isinstance(field.from_db_value(stored, None, None), Sentence)
    for text in ("", "一句旧的话。", None):
        assert field.from_db_value(field.get_prep_value(text), None, None) == text
