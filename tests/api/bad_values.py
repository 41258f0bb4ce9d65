"""What a client should not send, for every operation of the schema; and how an operation is asked with it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.conftest import DEEP

HUGE = 10**20
PREFIX = "/api/v1/"
FORM = "multipart/form-data"
# As they stand in an address, escaped.
IN_ADDRESS = ["abc", "%00", str(HUGE), ""]
IN_PATH = [str(HUGE), "0", "abc", "%00"]
IN_BODY: list[Any] = ["\0", HUGE, "", ["abc"]]
BODIES = [b"", b"\x00", b"[]", b"[" * 100_000, b'{"name": "\\ud800"}']
# As parts of a form, and forms that are none.
IN_FORM: list[Any] = ["\0", HUGE, "", ["a", "b"], SimpleUploadedFile("a.jpg", b"\0"), SimpleUploadedFile("\0", b"")]
FORMS = [b"", b"\x00", b"--", f"--{BOUNDARY}--\r\n".encode(), b'{"a": 1}']
if DEEP:
    IN_ADDRESS += ["-1", "%F0%9F%8F%98%ED%A0%80", "1e400", "0", "9" * 5000]
    IN_PATH += ["-1", "1.5", "%F0%9F%8F%98"]
    IN_BODY += ["abc", None, True, 1.5, [], {}, {"a": 1}, "9" * 5000, -1, "0001-01-01", "🏘"]
    BODIES += [b"abc", b"null", b"1e400", str(HUGE).encode(), b'"abc"', b'{"a":' * 5000, b'{"a": NaN}', b"\xff\xfe"]


@dataclass
class Operation:
    """One operation of the schema."""

    method: str
    path: str
    spec: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`GET /communities/`."""
        return f"{self.method} {self.path}"

    @property
    def query(self) -> list[str]:
        """Names of its parameters in the address."""
        return [each["name"] for each in self.spec.get("parameters", []) if each["in"] == "query"]

    @property
    def places(self) -> list[str]:
        """Names of its parameters in the path."""
        return [each["name"] for each in self.spec.get("parameters", []) if each["in"] == "path"]

    @property
    def fields(self) -> list[str]:
        """Names of the fields of its body."""
        return sorted(body_of(self.spec).get("properties", {}))

    @property
    def takes_form(self) -> bool:
        """Whether its body is a form with a file."""
        return FORM in self.spec.get("requestBody", {}).get("content", {})

    def address(self, **places: str) -> str:
        """Its address, with these values in the path."""
        return self.path.format(**places)


@cache
def schema() -> dict[str, Any]:
    """The whole schema, validated."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    validate_schema(made)  # type: ignore[no-untyped-call]
    return made


def operations() -> Iterator[Operation]:
    """Every operation, in the order of the schema."""
    for path, methods in schema()["paths"].items():
        for method, spec in methods.items():
            yield Operation(method.upper(), path, copy.deepcopy(spec))


def body_of(spec: dict[str, Any]) -> dict[str, Any]:
    """The schema of an operation's body, references followed."""
    content = spec.get("requestBody", {}).get("content", {})
    found: dict[str, Any] = next((each["schema"] for each in content.values()), {})
    while "$ref" in found:
        found = schema()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found
