"""Every write to accounts: check, save, audit, in one transaction.

`actor` is the signed-in person; None is the command line of the machine, which needs nobody's leave.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import lockout, sessions
from accounts.audit import record
from accounts.models import Administrator, AdministratorKind, AuditVerb, PastPassword, User
from accounts.passwords import one_time_password
from accounts.querysets import administrator_kind
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState

# Key of the advisory lock that lets one process at a time make the three administrators.
_ADMINISTRATORS_LOCK = 4202


@transaction.atomic
def create_user(*, actor: User | None, username: str, full_name: str, **details: Any) -> tuple[User, str]:
    """Open an account. Returns it with its one-time password, which is stored nowhere in clear.

    `details` are further fields of the account (phone, email, is_sample, is_staff). Raises NotAllowed unless
    `actor` is the system administrator, RuleViolation where the name is taken or not a name.
    """
    _require(actor, AdministratorKind.SYSTEM)
    password = one_time_password(username)
    user = User(username=username, full_name=full_name, **details)
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        raise _violation(error) from error
    with rules_as_sentences(User):
        user.save()
    _note(actor, user, act="created")
    return user, password


@transaction.atomic
def edit_account(user: User, *, actor: User, full_name: str, phone: str) -> User:
    """Put name and telephone number right. The user name stays: the log knows the person by it.

    Raises NotAllowed unless `actor` is the system administrator, WrongState where the account was ended,
    RuleViolation where the name is missing.
    """
    _require(actor, AdministratorKind.SYSTEM)
    locked = _lock_active(user)
    locked.full_name, locked.phone = full_name.strip(), phone.strip()
    try:
        locked.clean_fields(exclude={field.name for field in User._meta.fields} - {"full_name", "phone"})
    except ValidationError as error:
        raise _violation(error) from error
    locked.save(update_fields=["full_name", "phone"])
    _note(actor, locked, act="edited")
    return locked


@transaction.atomic
def issue_one_time_password(user: User, *, actor: User | None) -> str:
    """Give the account a new password that must be changed at the next sign-in, and lift its lock.

    Every session of the account ends. Raises NotAllowed unless `actor` is the system administrator,
    WrongState where the account was ended or is the actor's own (whose password is changed under 我的账号).
    """
    _require(actor, AdministratorKind.SYSTEM)
    if actor is not None and actor.pk == user.pk:
        raise WrongState(_("自己的密码在“我的账号”里改。"))
    locked = _lock_active(user)
    password = one_time_password(locked.username)
    _store_password(locked, password, must_change=True)
    lockout.unlock(locked.username)
    sessions.end_all(locked)
    _note(actor, locked, act="one_time_password")
    return password


@transaction.atomic
def set_password(user: User, password: str, *, actor: User) -> None:
    """A person sets their own password; the old one is remembered and every other session of theirs ends.

    Raises NotAllowed for somebody else's account, RuleViolation with the broken rules in words.
    """
    if actor.pk != user.pk:
        raise NotAllowed(_("只能改自己的密码。"))
    locked = User.objects.select_for_update().get(pk=user.pk)
    try:
        validate_password(password, locked)
    except ValidationError as error:
        raise RuleViolation(" ".join(error.messages), field="password1") from error
    _store_password(locked, password, must_change=False)
    # The caller goes on with its own copy, whose hash keeps or ends the session.
    user.password = locked.password
    user.must_change_password, user.password_changed_at = False, locked.password_changed_at
    record(AuditVerb.PASSWORD_CHANGED, actor=actor, target=str(user.username))


@transaction.atomic
def end_account(user: User, *, actor: User | None, reason: str = "") -> User:
    """Switch an account off for good. Its sessions and tokens are dead at once; its records stay.

    Raises NotAllowed unless `actor` is the system administrator, WrongState for the actor's own account and for
    one that was ended before.
    """
    _require(actor, AdministratorKind.SYSTEM)
    if actor is not None and actor.pk == user.pk:
        raise WrongState(_("不能停用自己的账号。"))
    locked = _lock_active(user)
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    sessions.end_all(locked)
    _note(actor, locked, act="ended", reason=reason.strip())
    return locked


@transaction.atomic
def unlock(user: User, *, actor: User | None) -> User:
    """Forget the wrong guesses at an account. Raises NotAllowed unless `actor` is the system administrator."""
    _require(actor, AdministratorKind.SYSTEM)
    lockout.unlock(user.username)
    _note(actor, user, act="unlocked")
    return user


@transaction.atomic
def reset_second_factor(user: User, *, actor: User | None, reason: str) -> User:
    """Take away a lost second factor, so that a new one can be activated at the next sign-in. Sessions end.

    Raises NotAllowed unless `actor` is the security administrator and somebody else, RuleViolation without a
    reason, WrongState where there is none to take away.
    """
    _require(actor, AdministratorKind.SECURITY)
    if actor is not None and actor.pk == user.pk:
        raise NotAllowed(_("不能重置自己的第二因素。"))
    if not reason.strip():
        raise RuleViolation(_("请写明原因，以后查得到。"), field="reason")
    locked = _lock_active(user)
    if not Authenticator.objects.filter(user=locked).exists():
        raise WrongState(_("“%s”没有启用动态验证码，不用重置。") % locked)
    Authenticator.objects.filter(user=locked).delete()
    sessions.end_all(locked)
    detail = {"act": "reset", "reason": reason.strip()}
    record(AuditVerb.SECOND_FACTOR, actor=actor, target=locked.username, detail=detail)
    return locked


@transaction.atomic
def create_administrators(names: dict[AdministratorKind, str]) -> list[tuple[Administrator, str]]:
    """Make the first three administrators, one of each kind, with one-time passwords.

    `names` gives each kind its user name. Raises WrongState where any administrator exists already, also when
    two processes try at the same moment; RuleViolation where a name is taken or given twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADMINISTRATORS_LOCK])
    if Administrator.objects.exists():
        raise WrongState(_("三员账号已经有了，不再新建。"))
    made = []
    for kind in AdministratorKind:
        user, password = create_user(actor=None, username=names[kind], full_name=str(kind.label), is_staff=True)
        administrator = Administrator.objects.create(user=user, kind=kind)
        record(AuditVerb.GRANTED, actor=None, target=user.username, detail={"administrator": kind.value})
        made.append((administrator, password))
    return made


@transaction.atomic
def appoint_administrator(user: User, kind: AdministratorKind) -> Administrator:
    """Make somebody one of the three administrators, when a post has changed hands. Only from the machine itself.

    Raises WrongState for an ended account, RuleViolation where they hold one of the posts, or a role of the business.
    """
    locked = _lock_active(user)
    if Administrator.objects.filter(user=locked).exists():
        raise RuleViolation(_("“%s”已经是三员之一，一人只能任一员。") % locked)
    with rules_as_sentences(Administrator):
        administrator = Administrator.objects.create(user=locked, kind=kind)
    record(AuditVerb.GRANTED, actor=None, target=locked.username, detail={"administrator": kind.value})
    # What an open session may do, and how long it may be idle, was another person's.
    sessions.end_all(locked)
    return administrator


def _store_password(user: User, password: str, *, must_change: bool) -> None:
    if user.has_usable_password():
        PastPassword.objects.create(user=user, password=user.password)
    user.set_password(password)
    user.must_change_password = must_change
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])


def _require(actor: User | None, kind: AdministratorKind) -> None:
    if actor is not None and administrator_kind(actor) != kind:
        raise NotAllowed(_("这件事由%(who)s办。") % {"who": kind.label})


def _violation(error: ValidationError) -> RuleViolation:
    """The broken rule on its field. The one rule of the whole account is that nobody else has the user name."""
    field, sentences = next(iter(error.message_dict.items()))
    return RuleViolation(" ".join(sentences), field="username" if field == NON_FIELD_ERRORS else field)


def _lock_active(user: User) -> User:
    """The stored account, locked until the transaction ends. Raises WrongState where it was ended."""
    locked: User = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        raise WrongState(_("这个账号已停用。"))
    return locked


def _note(actor: User | None, user: User, *, act: str, reason: str = "") -> None:
    detail = {"act": act, "reason": reason} if reason else {"act": act}
    record(AuditVerb.ACCOUNT, actor=actor, target=user.username, detail=detail)
