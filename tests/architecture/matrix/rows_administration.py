"""The rows of the three administrators' pages, and of everybody's own tokens."""

from __future__ import annotations

from tests.architecture.matrix.walker import ALL, Row

SYSTEM = frozenset({"system"})
SECURITY = frozenset({"security"})
AUDIT = frozenset({"audit"})
GRANTS = SECURITY | {"city_office"}
OWNER = SECURITY | {"county_entry"}
# Whoever has an account, whatever they are.
EVERYBODY = ALL | SYSTEM | SECURITY | AUDIT | {"nobody", "expired"}
FORM = ("GET", "POST")


def listing(view: frozenset[str]) -> Row:
    """A page without a record."""
    return Row(view=view, everywhere=view)


def shown(record: str, view: frozenset[str]) -> Row:
    """One record that belongs to no unit."""
    return Row(record, view=view, shared=True, everywhere=view)


def done(record: str, by: frozenset[str], methods: tuple[str, ...] = FORM) -> Row:
    """A form or a button for those alone who see the record."""
    return Row(record, view=by, edit=by, methods=methods, form="GET" in methods, shared=True, everywhere=by)


ACCOUNTS = {
    "list": listing(SYSTEM),
    "create": Row(view=SYSTEM, edit=SYSTEM, methods=FORM, form=True, everywhere=SYSTEM),
    "detail": shown("account", SYSTEM),
    "edit": done("account", SYSTEM),
    "password": done("account", SYSTEM),
    "end": done("account", SYSTEM),
    "unlock": done("account", SYSTEM, ("POST",)),
    "log": listing(AUDIT),
    "entry": shown("entry", AUDIT),
    "exports": listing(AUDIT),
    "export": shown("day_export", AUDIT),
    "export_file": shown("day_export", AUDIT),
    "tokens": listing(EVERYBODY),
    "token_create": Row(view=EVERYBODY, edit=EVERYBODY, methods=FORM, form=True, everywhere=EVERYBODY),
    "token_revoke": Row("token", view=OWNER, edit=OWNER, methods=FORM, form=True, everywhere=SECURITY),
}
SELFAUDIT = {"selfaudit": listing(SECURITY | AUDIT)}

# Below /communities/.
MEMBERSHIPS = {
    "memberships": listing(GRANTS),
    "grant": Row(view=SECURITY, edit=SECURITY, methods=FORM, form=True, everywhere=SECURITY),
    "holders": listing(SECURITY),
    "holder": shown("account", SECURITY),
    "reset_factor": done("account", SECURITY),
}
for name in ("extend", "hand_over", "membership_end"):
    MEMBERSHIPS[name] = Row(
        "membership", view=GRANTS, edit=SECURITY, methods=FORM, form=True, shared=True, everywhere=GRANTS
    )
