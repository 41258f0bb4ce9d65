"""Strict readers of the environment: a value is right, absent or refused, never guessed at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from accounts.signing import key_bytes


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or of the file that `name`_FILE points at.

    Raises ImproperlyConfigured, with a sentence, where there is neither a value nor a default.
    """
    file = os.environ.get(f"{name}_FILE")
    value = Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"The portal cannot start: set {name} (or {name}_FILE). See README, “Deploy”.")
    return default


def boolean(name: str, default: bool) -> bool:
    """True for `true`, False for `false`, the default where unset; anything else is refused."""
    value = text(name, "true" if default else "false").lower()
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be “true” or “false”, not “{value}”.")
    return value == "true"


def integer(name: str, default: int, *, least: int = 0) -> int:
    """A whole number not below `least`; anything else is refused."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} up, not “{value}”.")
    return int(value)


def listing(name: str, default: str | None = None) -> list[str]:
    """Comma-separated words without empty ones."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def keys(name: str) -> list[str]:
    """Comma-separated keys of 32 bytes in base64; none where unset, and anything else is refused."""
    found = listing(name, "")
    for number, word in enumerate(found, 1):
        try:
            key_bytes(word)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: key number {number} is none ({error}).") from error
    return found


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """Django's settings of one PostgreSQL address; another engine is refused."""
    config: dict[str, Any] = dict(environ.Env.db_url_config(text(name, default)))
    if not str(config.get("ENGINE", "")).endswith("postgresql"):
        raise ImproperlyConfigured(f"{name} must be a postgres:// address: the portal runs on PostgreSQL only.")
    return config
