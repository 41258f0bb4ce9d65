"""A worker that takes its time over each row, so that a kill meets an import half done. Run as a module."""

from __future__ import annotations

import time
from typing import Any

import django


def slow(function: Any) -> Any:
    """The function, after a while."""

    def wait_first(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.05)
        return function(*args, **kwargs)

    return wait_first


def main() -> None:
    """Claim what waits for the exchange and do it."""
    from communities import actions as register
    from exchange import actions, work
    from jobs import actions as ledger
    from jobs import broker

    setattr(broker, "_publish", lambda: None)  # noqa: B010
    setattr(work, "WRITTEN_AT_A_TIME", 1)  # noqa: B010
    setattr(register, "edit_communities", slow(register.edit_communities))  # noqa: B010
    while (claimed := ledger.claim([actions.APPLY])) is not None:
        ledger.execute(claimed)


if __name__ == "__main__":
    django.setup()
    main()
