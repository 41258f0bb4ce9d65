"""Where a request comes from: one answer for the audit log, the lock-out and the history."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The network address of the person's machine, or None where there is none (a UNIX socket, a test).

    `settings.TRUSTED_PROXIES` reverse proxies stand in front of the portal, each appending to X-Forwarded-For;
    whatever the client itself wrote into that header lies further left and is not believed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    hops = settings.TRUSTED_PROXIES
    if 0 < hops <= len(forwarded):
        address = forwarded[-hops]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
