"""The password rules that Django does not bring, with the customary values for GB/T 22239-2019 (docs/decisions)."""

from __future__ import annotations

import secrets
import string
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

KINDS_REQUIRED = 3
FRAGMENT_LENGTH = 3
# Without what is read wrongly from paper: 0 O o, 1 l I.
_ALPHABETS = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", "@#%+=?")


class CharacterKindsValidator:
    """At least three of: capital letters, small letters, digits, others."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where there are fewer."""
        if _kinds_in(password) < KINDS_REQUIRED:
            raise ValidationError(self.get_help_text(), code="password_too_few_kinds")

    def get_help_text(self) -> str:
        """The rule, as a sentence."""
        return _("大写字母、小写字母、数字、符号四类里，至少要有三类。")


class UsernameFragmentValidator:
    """No three characters in a row of the user name, whatever their case."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where the password holds such a fragment."""
        if _holds_fragment(password, str(getattr(user, "username", "") or "")):
            raise ValidationError(self.get_help_text(), code="password_holds_username")

    def get_help_text(self) -> str:
        """The rule, as a sentence."""
        return _("不能含有用户名里连续的三个字符。")


class ReusedPasswordValidator:
    """None of the last five, the present one included."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where the password was used."""
        if user is None or user.pk is None:
            return
        past = user.past_passwords.values_list("password", flat=True)[: settings.PASSWORDS_REMEMBERED - 1]
        if any(check_password(password, used) for used in [user.password, *past]):
            raise ValidationError(self.get_help_text(), code="password_reused")

    def get_help_text(self) -> str:
        """The rule, as a sentence."""
        return _("不能和最近 %(number)d 次用过的密码相同。") % {"number": settings.PASSWORDS_REMEMBERED}


def _holds_fragment(password: str, username: str) -> bool:
    name, lowered = username.lower(), password.lower()
    starts = range(len(name) - FRAGMENT_LENGTH + 1)
    return any(name[start : start + FRAGMENT_LENGTH] in lowered for start in starts)


def _kinds_in(password: str) -> int:
    named = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    others = set(password).difference(*named)
    return sum(not set(kind).isdisjoint(password) for kind in named) + bool(others)


def one_time_password(username: str = "", length: int = 14) -> str:
    """A random password that the rules accept for this name, of characters that are not mistaken for one another."""
    while True:
        password = _random(length)
        if not _holds_fragment(password, username):
            return password


def _random(length: int) -> str:
    chosen = [secrets.choice(alphabet) for alphabet in _ALPHABETS]
    everything = "".join(_ALPHABETS)
    chosen += [secrets.choice(everything) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
