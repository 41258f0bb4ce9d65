"""A copy of the tests' database that a test may turn inside out, beside the one that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

ALIASES = ("default", "owner")


class Copy:
    """The two databases by name; the connections lead to the copy until told otherwise."""

    def __init__(self, source: str) -> None:
        self.source, self.name = source, f"{source}_copy"
        point_at(source)
        self._run(f'DROP DATABASE IF EXISTS "{self.name}"', f'CREATE DATABASE "{self.name}" TEMPLATE "{source}"')
        point_at(self.name)

    @contextmanager
    def as_it_was(self) -> Iterator[None]:
        """Within the block the connections lead to what was copied."""
        point_at(self.source)
        try:
            yield
        finally:
            point_at(self.name)

    def drop(self) -> None:
        """For good; the connections lead to the source again."""
        point_at(self.source)
        self._run(f'DROP DATABASE "{self.name}"')

    def _run(self, *statements: str) -> None:
        with connections["owner"]._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def point_at(name: str) -> None:
    """Let both connections lead to a database. What is open is closed: nobody may be in one that is copied."""
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


@contextmanager
def copied_database() -> Iterator[Copy]:
    """What is committed, copied; dropped after the block."""
    copy = Copy(str(connections["owner"].settings_dict["NAME"]))
    try:
        yield copy
    finally:
        copy.drop()
