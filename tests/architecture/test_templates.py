"""Every template compiles, whether or not a page that another test opens uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDERS = [settings.BASE_DIR / "templates", *settings.BASE_DIR.glob("*/templates")]
NAMES = sorted(str(path.relative_to(folder)) for folder in FOLDERS for path in Path(folder).rglob("*.html"))


def test_there_are_templates() -> None:
    assert "base.html" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    get_template(name)
