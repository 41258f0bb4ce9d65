"""The apps import one way: a lower app does not know that a higher one exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LAYERS = [
    "core",
    "accounts",
    "jobs",
    "notices",
    "exchange",
    "communities",
    "coordination",
    "facilities",
    "services",
    "inspections",
    "dashboards",
    "xiaogan_portal",
]
NAMESPACES = [app for app in LAYERS if app not in ("core", "accounts", "xiaogan_portal")]
LIMIT_FILE, LIMIT_FUNCTION, LIMIT_TEST = 400, 50, 300


def sources(app: str) -> Iterator[Path]:
    return (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level packages imported anywhere in the file, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_model":
            yield from (str(arg.value).split(".")[0] for arg in node.args if isinstance(arg, ast.Constant))


def higher_imports(app: str, source: str) -> set[str]:
    return set(imported(ast.parse(source))) & set(LAYERS[LAYERS.index(app) + 1 :])


@pytest.mark.parametrize("app", LAYERS)
def test_no_import_of_a_higher_app(app: str) -> None:
    found = {str(path.relative_to(ROOT)): higher_imports(app, path.read_text()) for path in sources(app)}
    assert {path: apps for path, apps in found.items() if apps} == {}


def test_late_imports_and_get_model_are_seen_too() -> None:
    assert higher_imports("core", "def f():\n    from jobs import models") == {"jobs"}
    assert higher_imports("jobs", "apps.get_model('facilities', 'Project')") == {"facilities"}
    assert higher_imports("dashboards", "import facilities.models") == set()


@pytest.mark.parametrize("app", LAYERS[:-1])
def test_no_address_of_a_higher_app(app: str) -> None:
    higher = [name for name in NAMESPACES if LAYERS.index(name) > LAYERS.index(app)]
    if not higher:
        return
    pattern = re.compile(rf"""["']({"|".join(higher)}):[a-z_]+["']""")
    files = [*sources(app), *(ROOT / "templates" / app).rglob("*.html")]
    if app == "core":
        files += (ROOT / "templates" / "_components").rglob("*.html")
    found = {str(path.relative_to(ROOT)): pattern.findall(path.read_text()) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_files_and_functions_stay_short() -> None:
    long = []
    for app in [*LAYERS, "tests"]:
        for path in sources(app):
            text = path.read_text()
            limit = LIMIT_TEST if app == "tests" else LIMIT_FILE
            if text.count("\n") > limit:
                long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
            for function in functions(ast.parse(text)):
                length = (function.end_lineno or 0) - function.lineno + 1
                if length > LIMIT_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}: {function.name} has {length} lines")
    assert long == []


def test_models_have_no_save_of_their_own_and_views_do_not_save() -> None:
    """A write is an action: `save()` overridden on a model, or called in a view, hides one."""
    found = []
    for app in LAYERS:
        for path in sources(app):
            tree = ast.parse(path.read_text())
            if path.stem == "models" or path.parent.name == "models":
                found += [f"{path.relative_to(ROOT)}: save()" for f in functions(tree) if f.name == "save"]
            if path.stem == "views":
                calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
                found += [
                    f"{path.relative_to(ROOT)}:{call.lineno}"
                    for call in calls
                    if isinstance(call.func, ast.Attribute) and call.func.attr in ("save", "create", "delete", "update")
                ]
    assert found == []
