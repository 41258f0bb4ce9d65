"""A client that speaks to the API as somebody: JSON in, JSON out, a new key for each POST."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.token_actions import issue_token
from tests.conftest import BACKEND


@dataclass
class Caller:
    """`call.get("communities/")`, `call.post("projects/", {...})`, `call.patch("projects/1/", {...}, version=1)`."""

    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, address: str, body: Any = None, **headers: str) -> Any:
        """One request; `headers` are added, their underscores are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = b"" if body is None else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1/{address}", data, content_type="application/json", headers={**self.headers, **named}
        )

    def get(self, address: str, **headers: str) -> Any:
        return self.ask("GET", address, **headers)

    def post(self, address: str, body: Any = None, *, key: str = "", version: int | str | None = None) -> Any:
        headers = {"Idempotency_Key": key or str(uuid.uuid4()), **_match(version)}
        return self.ask("POST", address, {} if body is None else body, **headers)

    def form(self, address: str, parts: dict[str, Any], *, key: str = "") -> Any:
        """A POST as a form; files are parts like any other."""
        headers = {**self.headers, "Idempotency-Key": key or str(uuid.uuid4())}
        return self.client.post(f"/api/v1/{address}", parts, headers=headers)

    def patch(self, address: str, body: Any, *, version: int | None) -> Any:
        return self.ask("PATCH", address, body, **_match(version))


def _match(version: int | str | None) -> dict[str, str]:
    """A number is the record's own version; anything else is quoted as it is."""
    if version is None:
        return {}
    return {"If_Match": f'"v{version}"' if isinstance(version, int) else f'"{version}"'}


@pytest.fixture
def call_as() -> Callable[[User], Caller]:
    """A caller with the session of a person."""

    def sign_in(user: User) -> Caller:
        caller = Caller()
        caller.client.force_login(user, backend=BACKEND)
        return caller

    return sign_in


@pytest.fixture
def call_with_token() -> Callable[..., Caller]:
    """A caller with a token of a person's."""

    def with_token(user: User, *, read_only: bool = False) -> Caller:
        secret = issue_token(actor=user, name="测试", read_only=read_only)[1]
        return Caller(headers={"Authorization": f"Bearer {secret}"})

    return with_token
