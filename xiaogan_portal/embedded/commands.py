"""Running a command with the embedded servers: `manage.py`, and `python -m xiaogan_portal.embedded exec`."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from urllib.parse import quote

from xiaogan_portal.embedded.account import server_account
from xiaogan_portal.embedded.place import Place, chosen_place
from xiaogan_portal.embedded.postgres import DATABASE, OWNER_ROLE, PORTAL_ROLE, Postgres
from xiaogan_portal.embedded.server import Server
from xiaogan_portal.embedded.valkey import Valkey

# manage.py commands that never ask the database. A command that is not here gets one, needed or not.
WITHOUT_DATABASE = {
    "help", "--help", "-h", "version", "--version", "collectstatic", "compilemessages", "makemessages", "diffsettings",
    "findstatic", "startapp",
}  # fmt: skip


def environment_of(place: Place) -> dict[str, str]:
    """The variables by which settings find the embedded servers of `place`."""
    sockets = quote(str(place.sockets))
    return {
        "PORTAL_MODE": "embedded",
        "PORTAL_DATA_DIR": str(place.data),
        "DATABASE_URL": f"postgres://{PORTAL_ROLE}@/{sockets}/{DATABASE}",
        "DATABASE_OWNER_URL": f"postgres://{OWNER_ROLE}@/{sockets}/{DATABASE}",
        "REDIS_URL": f"redis+socket://{quote(str(place.broker_socket))}",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or place.secret_key(),
        "AUDIT_SIGNING_KEY": os.environ.get("AUDIT_SIGNING_KEY") or place.audit_key(),
    }


def servers_of(place: Place) -> tuple[Postgres, Valkey]:
    """Both servers of `place`, not started. With PORTAL_TEST_SERVERS=1 the database trades safety for speed."""
    account = server_account()
    for_tests = os.environ.get("PORTAL_TEST_SERVERS") == "1"
    return Postgres(place, account, for_tests=for_tests), Valkey(place, account)


@contextmanager
def database_for(argv: Sequence[str]) -> Iterator[None]:
    """The database and the environment for a manage.py command.

    Where DATABASE_URL is set this does nothing: the portal is not in its embedded mode, or the caller has started
    the servers already. Otherwise the embedded database runs inside the block.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("PORTAL_MODE") == "server":
        yield
        return
    place = chosen_place()
    place.prepare()
    os.environ.update(environment_of(place))
    if _needs_no_database(argv):
        yield
        return
    database, _ = servers_of(place)
    with database.running(f"manage.py {argv[1]}"):
        yield


def _needs_no_database(argv: Sequence[str]) -> bool:
    if len(argv) < 2 or argv[1] in WITHOUT_DATABASE or "--help" in argv[2:]:
        return True
    return argv[1] == "check" and "--database" not in argv


@contextmanager
def servers_for(place: Place, holder: str) -> Iterator[None]:
    """Both servers answer inside the block, and the environment names them."""
    place.prepare()
    servers: tuple[Server, ...] = servers_of(place)
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.running(holder))
        os.environ.update(environment_of(place))
        yield


def execute(words: Sequence[str]) -> int:
    """Run a command with both servers and return its exit code. It ends when this process ends."""
    place = chosen_place()
    with servers_for(place, f"exec {words[0]}"):
        child = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *words])

        def pass_on(number: int, _: FrameType | None) -> None:
            child.send_signal(number)

        # Ctrl-C reaches the child by itself: both stand in the terminal's foreground group.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, pass_on)
        code = child.wait()
    return 128 - code if code < 0 else code
