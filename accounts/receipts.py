"""Double submission: a request that carries a key is done once, however often and however parallel it arrives.

A page's form carries `request_key` (the template tag of that name), a program the header `Idempotency-Key`.
The first to come inserts a receipt, acts and stores its answer in one transaction. Whoever comes with the same
key meanwhile waits on the receipt's unique key and gets the stored answer. An answer of 400 or more rolls
everything back, so that the key is free for the corrected try.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Receipt, User
from core.errors import RuleViolation, WrongState
from core.incidents import error_page

FIELD = "request_key"
HEADER = "Idempotency-Key"
KEPT_DAYS = 30
# What an answer consists of besides its body.
_HEADERS = ("Location", "Content-Type", "ETag", "HX-Redirect", "HX-Location", "HX-Trigger")
# In the form, but no part of what is asked for.
_NOT_CONTENT = frozenset({FIELD, "csrfmiddlewaretoken"})
# Sign-in counts wrong guesses, and a refused request rolls back what it counted: no keys there.
_WITHOUT_KEYS = ("account_", "mfa_")


class BadKey(RuleViolation):
    """The key is none, or was used for something else."""


class KeyTaken(BadKey):
    """The key was used for another request."""

    status = 422


class AlreadyAnswered(WrongState):
    """It was done, and its answer, which is given only once, was given then."""


class _Refused(Exception):
    """Carries an answer of 400 or more out of the transaction that it ends."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


def once(user: User, key: uuid.UUID, fingerprint: str, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Do `act` unless this person's key was used already; return its answer, or the one it gave then.

    Raises KeyTaken where the key belongs to another request (`fingerprint`), AlreadyAnswered where the answer was
    one that is given only once. What `act` raises goes on, with nothing written.
    """
    try:
        with transaction.atomic():
            receipt = _claim(user, key, fingerprint)
            if receipt is not None:
                response = _rendered(act())
                if response.status_code >= 400:
                    raise _Refused(response)
                _store(receipt, response)
                return response
    except _Refused as refused:
        return refused.response
    return _repeat(Receipt.objects.get(user=user, key=key), fingerprint)


def took_away(user: User, key: uuid.UUID, fingerprint: str) -> bool:
    """Whether this very request was done before and left no record to answer with."""
    return Receipt.objects.filter(user=user, key=key, fingerprint=fingerprint, status=204).exists()


def only_once(response: HttpResponse) -> HttpResponse:
    """Mark an answer that holds a secret: its receipt keeps no body, and a second request is told so."""
    response.holds_secret = True  # type: ignore[attr-defined]
    return response


def key_of(request: HttpRequest) -> uuid.UUID | None:
    """The request's key: the header, else the form's field; None without either. Raises BadKey where it is no UUID."""
    given = request.headers.get(HEADER) or request.POST.get(FIELD)
    if not given:
        return None
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise BadKey(_("提交编号要写成 UUID，如 4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11。"), field=HEADER) from error


def fingerprint_of(request: HttpRequest) -> str:
    """What is asked for: method, address and content, files included, as one SHA-256."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        for name in sorted(request.POST.keys() - _NOT_CONTENT):
            digest.update(repr((name, request.POST.getlist(name))).encode())
        files: Any = request.FILES
        for field, file in [(each, file) for each in sorted(files) for file in files.getlist(each)]:
            digest.update(repr((field, file.name, file.size)).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def clean(now: dt.datetime | None = None) -> int:
    """Forget receipts older than KEPT_DAYS; how many."""
    oldest = (now or timezone.now()) - dt.timedelta(days=KEPT_DAYS)
    return Receipt.objects.filter(at__lt=oldest).delete()[0]


class ReceiptMiddleware:
    """Does a signed-in person's POST with a key once. Stands last: who may send it was decided before.

    Views with `takes_keys` (the API's) see to it themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """The view's answer, or the one it gave before; None leaves the request alone."""
        if request.method != "POST" or not request.user.is_authenticated or _sees_to_it(request, view):
            return None
        try:
            key = key_of(request)
            if key is None:
                return None
            return once(request.user, key, fingerprint_of(request), lambda: view(request, *args, **kwargs))
        except (BadKey, AlreadyAnswered) as refusal:
            return error_page(request, refusal.status, refusal.message)


def _sees_to_it(request: HttpRequest, view: Any) -> bool:
    name = request.resolver_match.view_name if request.resolver_match is not None else ""
    return getattr(getattr(view, "cls", None), "takes_keys", False) or name.startswith(_WITHOUT_KEYS)


def _claim(user: User, key: uuid.UUID, fingerprint: str) -> Receipt | None:
    """A new receipt, or None where there is one. Waits for whoever is at it."""
    try:
        with transaction.atomic():
            return Receipt.objects.create(user=user, key=key, fingerprint=fingerprint)
    except IntegrityError:
        return None


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """A template response is written now, while the transaction that it tells of is open."""
    render = getattr(response, "render", None)
    rendered: HttpResponseBase = render() if callable(render) else response
    return rendered


def _store(receipt: Receipt, response: HttpResponseBase) -> None:
    receipt.status = response.status_code
    receipt.headers = {name: response[name] for name in _HEADERS if name in response}
    secret = response.streaming or getattr(response, "holds_secret", False)
    receipt.body = None if secret else getattr(response, "content", b"")
    receipt.save(update_fields=["status", "headers", "body"])


def _repeat(receipt: Receipt, fingerprint: str) -> HttpResponse:
    if receipt.fingerprint != fingerprint:
        raise KeyTaken(_("这次提交和上次用了同一个编号，内容却不同。请刷新页面后再提交。"), field=HEADER)
    if receipt.body is None:
        raise AlreadyAnswered(_("已经办好了。结果只显示一次，不再给出。"))
    response = HttpResponse(bytes(receipt.body), status=receipt.status)
    for name, value in receipt.headers.items():
        response[name] = value
    return response
