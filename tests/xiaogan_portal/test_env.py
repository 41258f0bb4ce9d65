"""The environment is read strictly, and a server without its settings refuses to start with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from xiaogan_portal import env

SERVER = {
    "PORTAL_MODE": "server",
    "SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "portal.example",
}


@pytest.mark.parametrize("value", ["yes", "1", "TRUE ", "on"])
def test_a_boolean_is_true_or_false_and_nothing_else(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLAG", value)
    with pytest.raises(ImproperlyConfigured, match="FLAG"):
        env.boolean("FLAG", default=False)


@pytest.mark.parametrize(("value", "meant"), [("true", True), ("False", False), ("", True)])
def test_a_boolean_is_read(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("FLAG", value)
    assert env.boolean("FLAG", default=True) is meant


@pytest.mark.parametrize("value", ["-1", "3.5", "x", "٣"])
def test_a_number_is_whole_and_not_below_its_least(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COUNT", value)
    with pytest.raises(ImproperlyConfigured, match="COUNT"):
        env.integer("COUNT", 5, least=1)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SECRET_FILE", str(tmp_path / "key"))
    assert env.text("SECRET") == "from the file"


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_URL", "mysql://root@127.0.0.1/portal")
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL"):
        env.database("SOME_URL")


def start(changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    known = {name: value for name, value in known.items() if name not in SERVER}
    code = "import django; django.setup(); print('started')"
    return subprocess.run(  # noqa: PLW1510  the tests look at the outcome themselves
        [sys.executable, "-c", code],
        env={**known, "DJANGO_SETTINGS_MODULE": "xiaogan_portal.settings", **changes},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_server_with_all_it_needs_starts() -> None:
    assert start(SERVER).stdout == "started\n"


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_a_server_without_a_setting_refuses_with_a_sentence(missing: str) -> None:
    answer = start({name: value for name, value in SERVER.items() if name != missing})
    assert answer.returncode != 0
    assert f"The portal cannot start: set {missing}" in answer.stderr
