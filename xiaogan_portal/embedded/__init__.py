"""The embedded mode: PostgreSQL, Valkey and every process of the portal from one command.

Nothing here imports Django: these modules run before settings are read, and set the environment for them.
"""

from __future__ import annotations

from xiaogan_portal.embedded.commands import database_for
from xiaogan_portal.embedded.errors import EmbeddedError

__all__ = ["EmbeddedError", "database_for"]
