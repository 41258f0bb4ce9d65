"""Pages that show a secret once: a one-time password, a token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.receipts import only_once


class ShowsSecretMixin:
    """For a form view whose `perform` puts what was made into `secret`: it is shown instead of a redirection.

    The answer is kept nowhere (`only_once`), so that sending the form again does not show it again.
    """

    request: HttpRequest
    secret = ""
    secret_template = ""

    def form_valid(self, form: Any) -> HttpResponse:
        """The secret, or the form again where the act was refused."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        if not self.secret:
            return response
        context = {"secret": self.secret, **self.secret_context()}
        return only_once(render(self.request, self.secret_template, context))

    def secret_context(self) -> dict[str, Any]:
        """What the page says besides the secret."""
        raise NotImplementedError
