"""Every word of the interface passes through gettext, and the English catalogue has each of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog

from xiaogan_portal import catalogue
from xiaogan_portal.catalogue import CHECKOUT, HAN, KEYWORDS, LEFT_OUT

# Not the interface: rows that are loaded as data, lines of commands, what a trigger says (the action says it first),
# the languages' own names, the portal's name that an authenticator shows before anybody has chosen a language.
NOT_INTERFACE = re.compile(
    r"migrations/|management/commands/|/reference\.py|xiaogan_portal/(embedded|settings|catalogue)|^bench/|(report|photo)_rules"
)
_SPOKEN = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}", re.DOTALL
)
_LANGUAGE_NAME = "简体中文"


def _python_files() -> list[Path]:
    roots = [path for path in CHECKOUT.iterdir() if (path / "__init__.py").exists()]
    files = (path for root in roots for path in root.rglob("*.py"))
    return sorted(path for path in files if not _left_out(str(path.relative_to(CHECKOUT))))


def _left_out(name: str) -> bool:
    return name.startswith(LEFT_OUT) or NOT_INTERFACE.search(name) is not None


def _mute(tree: ast.Module) -> Iterator[str]:
    """Texts with Han that no gettext call holds: neither docstrings nor SQL."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }

    def visit(node: ast.AST, said: bool) -> Iterator[str]:
        said = said or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS)
        text = node.value if isinstance(node, ast.Constant) and id(node) not in docstrings else None
        if isinstance(text, str) and not said and HAN.search(text) and "NEW." not in text:
            yield f"line {getattr(node, 'lineno', 0)}: {text}"
        for child in ast.iter_child_nodes(node):
            yield from visit(child, said)

    yield from visit(tree, False)


def test_python_says_nothing_past_gettext() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)} {text}"
        for path in _python_files()
        for text in _mute(ast.parse(path.read_text()))
    ]
    assert found == []


def test_templates_say_nothing_past_gettext() -> None:
    found = []
    for path in sorted((CHECKOUT / "templates").rglob("*.html")):
        name = str(path.relative_to(CHECKOUT))
        rest = _SPOKEN.sub(" ", path.read_text(encoding="utf-8")).replace(_LANGUAGE_NAME, "")
        if not name.startswith(LEFT_OUT) and (spoken := HAN.search(rest)):
            found.append(f"{name}: {rest[spoken.start() : spoken.start() + 20]}")
    assert found == []


def test_scripts_get_their_words_from_the_page() -> None:
    comments = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
    sources = sorted((CHECKOUT / "frontend" / "src").rglob("*.js"))
    assert [path.name for path in sources if HAN.search(comments.sub("", path.read_text(encoding="utf-8")))] == []


def test_the_english_catalogue_is_complete() -> None:
    report = catalogue.check()
    assert report.complete, report


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        ("", "untranslated"),
        ("%(n)d rows", ""),
        ("rows", "placeholders"),
        ("%(m)d rows", "placeholders"),
        (None, "missing"),
    ],
)
def test_faults_of_a_catalogue_are_found(stored: str | None, fault: str) -> None:
    wanted, known = Catalog(locale="en"), Catalog(locale="en")
    wanted.add("%(n)d 条")
    if stored is not None:
        known.add("%(n)d 条", string=stored)
    report = catalogue.compare(wanted, known)
    assert [kind for kind in ("missing", "dead", "placeholders", "untranslated") if getattr(report, kind)] == (
        [fault] if fault else []
    )


def test_a_translation_of_nothing_is_dead() -> None:
    known = Catalog(locale="en")
    known.add("没有了", string="Gone")
    assert catalogue.compare(Catalog(locale="en"), known).dead == ["没有了"]
