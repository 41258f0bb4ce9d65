#!/usr/bin/env python
"""Django's commands. In the embedded mode the database is found, or started and stopped again."""

from __future__ import annotations

import os
import sys

from xiaogan_portal.embedded import EmbeddedError, database_for


def main() -> None:
    """Run the command on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaogan_portal.settings")
    try:
        with database_for(sys.argv):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
