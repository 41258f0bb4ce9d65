"""Where an installation keeps its data: one directory, given by PORTAL_DATA_DIR, `var/` in the checkout by default."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from xiaogan_portal.embedded.errors import EmbeddedError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# The kernel allows 107 bytes for the path of a socket; the rest is room for its lock file's ending.
LONGEST_SOCKET_PATH = 100
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Place:
    """The paths below one data directory. Making the object touches nothing on disk."""

    data: Path

    @property
    def database(self) -> Path:
        """PostgreSQL's own directory."""
        return self.data / "postgres"

    @property
    def broker(self) -> Path:
        """Valkey's working directory; nothing of value lies there."""
        return self.data / "broker"

    @property
    def log(self) -> Path:
        """Log files, rotated by the supervisor."""
        return self.data / "log"

    @property
    def run(self) -> Path:
        """Locks, generated configuration, stamps."""
        return self.data / "run"

    @property
    def sockets(self) -> Path:
        """The directory of both sockets: in the data directory, or under a short name in /tmp when that is too long."""
        inside = self.data / "sockets"
        if len(os.fsencode(inside / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path("/tmp") / f"xiaogan-portal-{os.getuid()}-{digest}"  # noqa: S108 - owner and mode are checked

    @property
    def broker_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"

    @property
    def sample_accounts(self) -> Path:
        """User names and passwords of the sample city, written once per installation."""
        return self.data / "sample-accounts.json"

    def prepare(self) -> None:
        """Make the data directory and its plain subdirectories."""
        as_root = os.getuid() == 0
        self.data.mkdir(parents=True, exist_ok=True, mode=0o711 if as_root else 0o700)
        for folder in (self.log, self.run, self.data / "media", self.data / "static"):
            folder.mkdir(exist_ok=True)

    def secret_key(self) -> str:
        """This installation's random key, made at the first call and readable by its owner alone."""
        return self._secret("secret-key", 60)

    def audit_key(self) -> str:
        """The key that signs the daily export of the audit log, made likewise: 32 random bytes."""
        return self._secret("audit-key", 32)

    def _secret(self, name: str, size: int) -> str:
        path = self.data / name
        if not path.exists():
            fresh = path.with_name(f"{name}.{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(size), encoding="ascii")
            try:
                os.link(fresh, path)  # whoever comes first wins; the other one reads the winner's key
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()


def chosen_place() -> Place:
    """The place that the environment names."""
    return Place(Path(os.environ.get("PORTAL_DATA_DIR") or CHECKOUT / "var").resolve())


def private_directory(path: Path, uid: int, gid: int) -> None:
    """Make `path` a directory of mode 0700 owned by `uid`; refuse whatever somebody else put there."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.getuid()):
            raise EmbeddedError(f"{path} belongs to somebody else; remove it and start again.") from None
    if os.getuid() == 0:
        os.chown(path, uid, gid, follow_symlinks=False)
    path.chmod(0o700)
