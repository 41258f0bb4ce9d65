"""`python -m xiaogan_portal.embedded.prepare`: Django's part of the preparation, in one process.

A child of `run`, which has started the database and set the environment. The only module here that loads Django.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from xiaogan_portal.embedded.build import files_below, fingerprint
from xiaogan_portal.embedded.errors import say
from xiaogan_portal.embedded.place import CHECKOUT, chosen_place

STEPS = [
    ("Migrating the database", ["migrate", "--database", "owner", "--noinput"]),
    ("Loading the reference data", ["load_reference"]),
    ("Loading the sample city, if the database is empty", ["load_sample", "--if-empty"]),
    ("Looking after the sample accounts", ["sample_accounts", "--if-missing", "--out", "{sample_accounts}"]),
]
NUMBER_OF_STEPS = len(STEPS) + 1


def prepare(first: int, last: int) -> None:
    """Run every step; their output goes to the log `prepare.log`. `first` and `last` number the printed lines."""
    import django
    from django.core.management import call_command

    place = chosen_place()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaogan_portal.settings")
    django.setup()
    with (place.log / "prepare.log").open("a", encoding="utf-8") as log:
        say(f"[{first}/{last}] Collecting the static files …")
        _collect_static(log)
        for number, (title, words) in enumerate(STEPS, start=first + 1):
            say(f"[{number}/{last}] {title} …")
            call_command(*(word.format(sample_accounts=place.sample_accounts) for word in words), stdout=log)


def _collect_static(log: object) -> None:
    from django.conf import settings
    from django.core.management import call_command

    # Packages bring static files too, so the list of packages is part of what they are made from.
    sources = [*files_below(CHECKOUT / "static"), *CHECKOUT.glob("*/static/**/*.*"), CHECKOUT / "requirements.txt"]
    wanted = fingerprint(path for path in sources if path.is_file())
    stamp = Path(settings.STATIC_ROOT) / ".collected-from"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        call_command("collectstatic", interactive=False, clear=True, stdout=log)
        stamp.write_text(wanted, encoding="ascii")


def main() -> None:
    """A command that refuses says why in a sentence; only a fault shows its trace."""
    from django.core.management.base import CommandError, SystemCheckError

    try:
        prepare(int(sys.argv[1]), int(sys.argv[2]))
    except (CommandError, SystemCheckError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
