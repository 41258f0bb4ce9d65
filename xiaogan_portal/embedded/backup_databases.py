"""The database's part of a backup, embedded or on a server: dumped with what each table holds, loaded and compared."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import extensions, sql

from xiaogan_portal import env
from xiaogan_portal.embedded.commands import servers_of
from xiaogan_portal.embedded.errors import EmbeddedError
from xiaogan_portal.embedded.place import CHECKOUT, Place
from xiaogan_portal.embedded.postgres import BOOTSTRAP_ROLE, DATABASE, Postgres, create_database, run_sql

RESTORED = f"{DATABASE}_restored"
REPLACED = f"{DATABASE}_replaced"
# Rows as text look the same in every session only under these.
_PLAIN = (
    "set timezone to 'UTC'; set datestyle to 'ISO, YMD'; set intervalstyle to 'postgres'; set extra_float_digits to 1"
)
# By table: how many rows, and a sum over them that does not depend on their order.
Contents = dict[str, list[str]]


def is_server() -> bool:
    """Whether the environment names a database of its own; the same rule as in the settings."""
    named = os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")
    return (os.environ.get("PORTAL_MODE") or ("server" if named else "embedded")) == "server"


def database_of(place: Place) -> Database:
    """The database that the environment means."""
    return ServerDatabase(place) if is_server() else EmbeddedDatabase(place)


class Database(ABC):
    """What a backup needs of a database."""

    def __init__(self, place: Place) -> None:
        # Also where the database is a server's: its programs come from the package.
        self.programs: Postgres = servers_of(place)[0]

    @abstractmethod
    def running(self, holder: str) -> AbstractContextManager[None]:
        """The database answers inside the block."""

    @abstractmethod
    def connect(self) -> extensions.connection:
        """A connection of a role that may read and replace everything."""

    @abstractmethod
    def variables(self) -> Mapping[str, str]:
        """How PostgreSQL's own programs find the database, as environment variables."""

    @abstractmethod
    def load(self, dump: Path, contents: Contents, scratch: Path) -> None:
        """Put a dump in, and compare what is there then; the former database stays as it was if anything fails."""

    @abstractmethod
    def take_place(self) -> None:
        """Let what was loaded take the former database's place."""

    def run(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs on the database. Raises EmbeddedError with what it said."""
        done = subprocess.run(
            [self.programs.program(program), *words],
            env={**os.environ, **self.variables()},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise EmbeddedError(f"{program} failed: {done.stderr.strip()}")

    def dump(self, target: Path) -> Contents:
        """Write everything to `target`; what the tables hold is counted on the very state that is written."""
        connection = self.connect()
        try:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True, autocommit=False)
            with connection.cursor() as cursor:
                cursor.execute("select pg_export_snapshot()")
                ((snapshot,),) = cursor.fetchall()
                self.run("pg_dump", "--format=custom", "--snapshot", snapshot, "--file", str(target))
                return contents_of(cursor)
        finally:
            connection.close()

    def holds_tables(self) -> bool:
        """Whether there is anything to lose."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("select exists (select from pg_tables where schemaname = 'public')")
                return bool(cursor.fetchone() == (True,))
        finally:
            connection.close()


def contents_of(cursor: Any) -> Contents:
    """What each table holds, on the cursor's connection."""
    cursor.execute(_PLAIN)
    cursor.execute("select tablename from pg_tables where schemaname = 'public' order by tablename")
    found: Contents = {}
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL(_HOLDS).format(sql.Identifier(table)))
        found[table] = list(cursor.fetchone())
    return found


_HOLDS = "select count(*)::text, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from public.{} t"


def check_script(contents: Contents, connection: extensions.connection) -> str:
    """SQL that fails, naming the table, where the database does not hold what the backup's list says."""
    lines = [f"{_PLAIN};", "do $check$ begin"]
    for table, held in contents.items():
        test = sql.SQL("if (select array[a, b] from ({}) x (a, b)) <> {} then ").format(
            sql.SQL(_HOLDS).format(sql.Identifier(table)), sql.Literal(held)
        )
        refuse = sql.SQL("raise exception 'table % is not what was backed up', {}; end if;").format(sql.Literal(table))
        lines.append((test + refuse).as_string(connection))
    return "\n".join([*lines, "end $check$;"])


class EmbeddedDatabase(Database):
    """The portal's own server: what is loaded stands beside the former database until it takes its place."""

    def running(self, holder: str) -> AbstractContextManager[None]:
        """Joins the running server, or starts it for the block."""
        return self.programs.running(holder)

    def connect(self) -> extensions.connection:
        """As the server's own administrator."""
        return self.programs.connect(BOOTSTRAP_ROLE, DATABASE)

    def variables(self) -> Mapping[str, str]:
        """Over the socket."""
        return {"PGHOST": str(self.programs.place.sockets), "PGUSER": BOOTSTRAP_ROLE, "PGDATABASE": DATABASE}

    def load(self, dump: Path, contents: Contents, scratch: Path) -> None:
        """Into a database of its own."""
        run_sql(self.programs, "postgres", f'drop database if exists "{RESTORED}" with (force)')
        create_database(self.programs, RESTORED)
        self.run("pg_restore", "--exit-on-error", "--dbname", RESTORED, str(dump))
        check = scratch / "check.sql"
        connection = self.connect()
        check.write_text(check_script(contents, connection), encoding="utf-8")
        connection.close()
        self.run("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(check), RESTORED)

    def take_place(self) -> None:
        """Two renames, between which nobody may connect; both are seconds' fractions."""
        server = self.programs
        run_sql(server, "postgres", f'drop database if exists "{REPLACED}" with (force)')
        run_sql(server, "postgres", f'alter database "{DATABASE}" allow_connections false')
        run_sql(
            server,
            "postgres",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{DATABASE}'",  # noqa: S608 - a constant
        )
        run_sql(server, "postgres", f'alter database "{DATABASE}" rename to "{REPLACED}"')
        run_sql(server, "postgres", f'alter database "{RESTORED}" rename to "{DATABASE}"')
        run_sql(server, "postgres", f'drop database "{REPLACED}" with (force)')


class ServerDatabase(Database):
    """A database that DATABASE_OWNER_URL names: emptied and filled in one transaction, as its owner."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        if not (os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_OWNER_URL_FILE")):
            raise EmbeddedError("Set DATABASE_OWNER_URL (or DATABASE_OWNER_URL_FILE): a backup is the owner's work.")
        self.config = env.database("DATABASE_OWNER_URL")

    @contextmanager
    def running(self, holder: str) -> Iterator[None]:
        """It runs, or it is said that it does not."""
        try:
            self.connect().close()
        except psycopg2.OperationalError as error:
            raise EmbeddedError(f"The database does not answer: {str(error).strip()}") from None
        yield

    def connect(self) -> extensions.connection:
        """As the owner."""
        given: dict[str, Any] = {name.removeprefix("PG").lower(): value for name, value in self.variables().items()}
        given["dbname"] = given.pop("database")
        connection: extensions.connection = psycopg2.connect(**given)
        return connection

    def variables(self) -> Mapping[str, str]:
        """From the address; what is not in it is left to PostgreSQL's own variables."""
        parts = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
        found = {parts[name]: str(self.config[name]) for name in parts if self.config.get(name)}
        options = self.config.get("OPTIONS") or {}
        return found | {f"PG{name.upper()}": str(value) for name, value in options.items()}

    def load(self, dump: Path, contents: Contents, scratch: Path) -> None:
        """Empties, fills and compares in one transaction; then migrates, which also gives the portal's role its rights.

        Roles may have other names here than where the backup was made, so the dump's own grants are left out.
        """
        script, check = scratch / "load.sql", scratch / "check.sql"
        self.run("pg_restore", "--no-owner", "--no-acl", "--file", str(script), str(dump))
        connection = self.connect()
        check.write_text(check_script(contents, connection), encoding="utf-8")
        connection.close()
        empty = ["--command", "drop schema public cascade", "--command", "create schema public"]
        options = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction"]
        self.run("psql", *options, *empty, "--file", str(script), "--file", str(check))

    def take_place(self) -> None:
        """The rights of the portal's role, and whatever this version of the portal adds to the schema."""
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
            cwd=CHECKOUT,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise EmbeddedError(f"The data is back, but manage.py migrate failed: {done.stderr.strip()}")
