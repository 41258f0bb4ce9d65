"""The English catalogue: which messages the code and the templates hold, and whether each has its translation.

Messages are written in Simplified Chinese, so Chinese needs no catalogue and cannot be incomplete.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CHECKOUT = Path(__file__).resolve().parent.parent
PO = CHECKOUT / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_lazy": None,
    "_t": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# What people read in these is never shown in a page: made-up values, sample rows, the commands' own lines.
LEFT_OUT = ("tests/", "xiaogan_portal/sample/", "templates/core/components", "core/views_components.py")
HAN = re.compile(r"[\u3400-\u9fff]")
# Marks alone are a message, too, where the languages join their words differently.
TRANSLATED = re.compile(r"[\u3400-\u9fff\u3001\u3002\uff0c\uff1a\uff1b\u201c\u201d]")
_HOLDERS = re.compile(r"%\((\w+)\)[a-z]|%[sd]")
_CALL = re.compile(r"(?<![\w.])(?:_|gettext|ngettext|pgettext)\(.*?\)(?=\s|$)", re.DOTALL)


@dataclass
class Report:
    """What is wrong with a catalogue; empty lists where nothing is."""

    missing: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    placeholders: list[str] = field(default_factory=list)
    untranslated: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every message has one sound translation and nothing more stands in the catalogue."""
        return not (self.missing or self.dead or self.placeholders or self.untranslated)


def messages() -> Catalog:
    """Every message that the interface may show, with the places where it stands."""
    found = Catalog(locale="en")
    for path in _sources():
        name = str(path.relative_to(CHECKOUT))
        for line, text, context in _messages_of(path):
            found.add(text, locations=[(name, line)], context=context)
    return found


def translations() -> Catalog:
    """The English catalogue as it is stored."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def check() -> Report:
    """Compare the stored catalogue with the messages."""
    return compare(messages(), translations())


def compare(wanted: Catalog, stored: Catalog) -> Report:
    """What `stored` lacks of `wanted`, or holds too much."""
    report = Report()
    for message in _entries(wanted):
        known = stored.get(message.id, message.context)
        if known is None:
            report.missing.append(_name(message))
        elif not all(_plurals(known.string)):
            report.untranslated.append(_name(message))
        elif any(_holders(text) != _holders(_longest(message.id)) for text in _plurals(known.string)):
            report.placeholders.append(_name(message))
    report.dead = [_name(known) for known in _entries(stored) if wanted.get(known.id, known.context) is None]
    return report


def update() -> Report:
    """Write the catalogue anew: new messages added empty, dead ones dropped, translations kept. What is still wrong."""
    wanted, stored = messages(), translations() if PO.exists() else Catalog(locale="en")
    for message in _entries(wanted):
        known = stored.get(message.id, message.context)
        if known is not None:
            message.string = known.string
    PO.parent.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    write_po(text, wanted, no_location=True, omit_header=True, sort_output=True, width=0)
    PO.write_bytes(_HEAD + text.getvalue())
    return compare(wanted, wanted)


_HEAD = b"""# The interface in English. The message ids are the Simplified Chinese sentences of the code.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def _entries(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _plurals(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str) or text is None else tuple(text)


def _longest(text: str | list[str] | tuple[str, ...]) -> str:
    return max(_plurals(text), key=len)


def _holders(text: str) -> list[str]:
    """The placeholders of a message; an order of their own is every language's right."""
    return sorted(match.group() for match in _HOLDERS.finditer(text.replace("%%", "")))


def _name(message: Message) -> str:
    return _plurals(message.id)[0]


def _sources() -> Iterator[Path]:
    roots = [path for path in CHECKOUT.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    for root in sorted([*roots, CHECKOUT / "templates"]):
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
            if not str(path.relative_to(CHECKOUT)).startswith(LEFT_OUT) and "migrations" not in path.parts:
                yield path


def _messages_of(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    """Line, message (or singular and plural) and context of each message with Han in it; Django's own are Django's."""
    source = path.read_text(encoding="utf-8")
    python = source if path.suffix == ".py" else _as_python(source)
    for line, text, _comments, context in extract("python", io.BytesIO(python.encode()), KEYWORDS):
        if TRANSLATED.search(_longest(text)):
            yield line, text, context


def _as_python(template: str) -> str:
    """The template's messages as calls, one a line: what stands around them is no Python."""
    return "\n".join(match.group().replace("\n", " ") for match in _CALL.finditer(templatize(template)))
