"""Random identifiers. Each call asks the operating system; nothing is kept at module level."""

import base64
import hashlib
import re
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32 digits: no I, L, O or U, so that a number read aloud stays the same number."""

_OWNED = re.compile(r"([0-9a-z]{26})\.([A-Za-z0-9_-]{43})")


def new_token() -> str:
    """Return 256 random bits as 43 url-safe characters."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode("ascii")


def crockford(length: int) -> str:
    """Return *length* random Crockford digits, five bits each."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


def new_member_id() -> str:
    """Return an internal member id of 130 bits; it tells nothing about the member."""
    return crockford(26).lower()


def split_owned(value: str) -> tuple[str, str] | None:
    """Return (member id, token) of ``member_id.token``, or None when it cannot be one of ours."""
    match = _OWNED.fullmatch(value)
    return (match[1], match[2]) if match else None


def digest(text: str) -> str:
    """Return the SHA-256 of *text* in hex, the form in which tokens are stored."""
    return hashlib.sha256(text.encode()).hexdigest()
