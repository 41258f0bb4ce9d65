"""Signing with Ed25519: the key that this installation signs its log with, and the keys that it believes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

# Both halves of a key are 32 bytes; 16 characters of the public half's SHA-256 name it.
KEY_BYTES = 32
ID_LENGTH = 16


class NoSigningKey(Exception):
    """AUDIT_SIGNING_KEY is not set."""


def new_key() -> str:
    """A new private key as text, as AUDIT_SIGNING_KEY takes it."""
    return secrets.token_urlsafe(KEY_BYTES)


def key_bytes(text: str) -> bytes:
    """The 32 bytes of a key written in base64; ValueError for anything else."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if len(found) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, this one {len(found)}")
    return found


def own_key() -> Ed25519PrivateKey:
    """This installation's private key. Raises NoSigningKey where there is none."""
    if not settings.AUDIT_SIGNING_KEY:
        raise NoSigningKey(
            "Set AUDIT_SIGNING_KEY (or AUDIT_SIGNING_KEY_FILE): manage.py make_audit_key FILE makes one."
        )
    return Ed25519PrivateKey.from_private_bytes(key_bytes(settings.AUDIT_SIGNING_KEY))


def public_text(key: Ed25519PublicKey) -> str:
    """The public half as text, as AUDIT_PUBLIC_KEYS takes it."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def id_of(key: Ed25519PublicKey) -> str:
    """The name of a key."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:ID_LENGTH]


def believed_keys() -> dict[str, Ed25519PublicKey]:
    """Public keys by name: the own one and those of AUDIT_PUBLIC_KEYS, which signed before a change of keys."""
    found = [Ed25519PublicKey.from_public_bytes(key_bytes(text)) for text in settings.AUDIT_PUBLIC_KEYS]
    if settings.AUDIT_SIGNING_KEY:
        found.append(own_key().public_key())
    return {id_of(key): key for key in found}


def sign(data: bytes) -> tuple[str, str]:
    """The name of the own key, and the signature in base64."""
    key = own_key()
    return id_of(key.public_key()), base64.b64encode(key.sign(data)).decode("ascii")


def is_signed(data: bytes, *, key_id: str, signature: str) -> bool | None:
    """Whether a believed key signed exactly this; None where the key is not believed."""
    key = believed_keys().get(key_id)
    if key is None:
        return None
    try:
        key.verify(base64.b64decode(signature), data)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
