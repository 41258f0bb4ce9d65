"""Sentences that are kept and read later, perhaps by somebody who reads another language.

What is stored is the message, as it stands in the code, and its values; the sentence is put together when it is read:

    from core.sentences import gettext as _

    problem = _("太长：%(have)s 个字，最多 %(most)s 个字。") % {"have": 60, "most": 50}
    row.problems = [kept(problem)]        # {"message": "太长：…", "values": {"have": 60, "most": 50}}
    told(row.problems[0])                 # Too long: 60 characters, at most 50.

A value may be a sentence, or a lazy text such as a label: it is kept, and told, in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.functional import Promise

Words = str | Promise


class Sentence(str):
    """A sentence in the language that is active now, which also knows its message and values.

    Without values it is a message to be filled in with `%`. It is a text like any other for whoever only shows it.
    """

    message: str
    values: Any

    def __new__(cls, message: str, values: Any = None) -> Sentence:
        text = translation.gettext(message) if message else ""
        made = super().__new__(cls, text if values is None else text % values)
        made.message, made.values = message, values
        return made

    def __mod__(self, values: Any) -> Sentence:
        return Sentence(self.message, values)


def gettext(message: str) -> Sentence:
    """As Django's own, but what comes of it can be kept."""
    return Sentence(message)


def said(words: Words) -> Sentence:
    """A label, a lazy text, or a text that is a message itself, as a sentence."""
    if isinstance(words, Sentence):
        return words
    # Without a language a lazy text is its own message.
    with translation.override(None):
        message = str(words)
    return Sentence(message)


def said_by(error: ValidationError) -> Sentence:
    """What one error of a field or form says."""
    message, params = error.message, error.params
    sentence = said(message) if isinstance(message, str | Promise) else Sentence("")
    if sentence:
        return sentence % params if params else sentence
    # A message with a plural is none until its number is known.
    return said(error.messages[0])


def in_every_language(words: Words) -> list[str]:
    """Words as each of the portal's languages has them: files come back in any of them."""
    found = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.append(str(words))
    return found


def joined(mark: str, parts: Sequence[Words]) -> Sentence:
    """Several words in one value, with a mark between them."""
    words = [word for part in parts for word in (mark, part)][1:]
    return Sentence("%s" * len(words), tuple(words))


def kept(text: Words) -> dict[str, Any]:
    """A sentence as JSON. What is none, but finished, is kept as it is."""
    sentence = said(text)
    if sentence.values is None:
        return {"message": sentence.message}
    return {"message": sentence.message, "values": _plain(sentence.values)}


def told(stored: Mapping[str, Any]) -> Sentence:
    """What `kept` gave, in the language that is active now. Other keys are left alone."""
    return Sentence(stored["message"], _filled(stored["values"]) if "values" in stored else None)


def _plain(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _plain_value(value) for name, value in values.items()}
    return [_plain_value(value) for value in (values if isinstance(values, tuple) else (values,))]


def _plain_value(value: Any) -> Any:
    if isinstance(value, Sentence | Promise):
        return kept(value)
    return value if isinstance(value, int | float) else str(value)


def _filled(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _filled_value(value) for name, value in values.items()}
    return tuple(_filled_value(value) for value in values)


def _filled_value(value: Any) -> Any:
    return told(value) if isinstance(value, Mapping) else value


class SentenceField(models.TextField[str, str]):
    """Keeps a sentence, and gives it in the reader's language. A text that was stored as such is given as it is."""

    def get_prep_value(self, value: Any) -> Any:
        """A sentence as its message and values; any other text as it is."""
        return json.dumps(kept(value), ensure_ascii=False) if value and isinstance(value, Sentence) else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """The sentence in the language that is active."""
        if value is None or not value.startswith('{"message": '):
            return value
        return told(json.loads(value))
