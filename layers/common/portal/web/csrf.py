"""Forgery protection of every POST: a token in the form, and the browser's own word on the origin.

Signed in, the token is a secret of the session, masked anew for each page so that compression
tells nothing about it. Signed out, it is the HMAC of the ``__Host-csrf`` cookie; the ``__Host-``
prefix keeps other hosts from planting that cookie, so no key of the server's is needed and the
sign-in page is served without asking Secrets Manager (docs/decisions/0003-signed-out-forms.md).
"""

import hashlib
import hmac
import re
import secrets

from portal.ids import new_token
from portal.web.errors import Forbidden
from portal.web.http import Request

COOKIE = "__Host-csrf"
FIELD = "csrf"
_COOKIE_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
_MASKED_SHAPE = re.compile(r"[0-9a-f]{64}")


def check_origin(request: Request, public_origin: str) -> None:
    """Let a POST pass that the browser says came from a page of ours. Raises Forbidden."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        allowed = site == "same-origin"
    elif origin is not None:
        allowed = origin == public_origin
    else:
        allowed = True  # An old browser tells neither; the token alone decides.
    if not allowed:
        raise Forbidden("origin")


def from_our_page(request: Request) -> bool:
    """Tell whether the browser itself said so; for a request that check_origin has let pass."""
    return "sec-fetch-site" in request.headers or "origin" in request.headers


def check_token(request: Request) -> None:
    """Let a POST pass whose form was made for this browser. Raises Forbidden."""
    sent = request.form.get(FIELD, "")
    expected, given = _tokens(request, sent)
    if not expected or not hmac.compare_digest(expected, given):
        raise Forbidden("form token")


def _tokens(request: Request, sent: str) -> tuple[str, str]:
    """Return the expected token and the given one, both bare; empty where there is nothing."""
    if request.session is not None:
        return request.session.csrf, _unmasked(sent)
    cookie = known_cookie(request)
    return (_of_cookie(cookie) if cookie else ""), sent if sent.isascii() else ""


def known_cookie(request: Request) -> str:
    """Return the signed-out cookie where the browser has one of our shape, else nothing."""
    cookie = request.cookies.get(COOKIE, "")
    return cookie if _COOKIE_SHAPE.fullmatch(cookie) else ""


def signed_in_token(secret: str) -> str:
    """Return the session's 32 hex digit secret behind a fresh mask."""
    mask = secrets.token_bytes(16)
    return mask.hex() + _xor(mask, bytes.fromhex(secret)).hex()


def signed_out_token(request: Request) -> tuple[str, str | None]:
    """Return the form's token and, where the browser has none yet, the cookie to set."""
    known = known_cookie(request)
    if known:
        return _of_cookie(known), None
    fresh = new_token()
    return _of_cookie(fresh), f"{COOKIE}={fresh}; Path=/; Secure; HttpOnly; SameSite=Lax"


def _of_cookie(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"signed-out form", hashlib.sha256).hexdigest()


def _unmasked(sent: str) -> str:
    if not _MASKED_SHAPE.fullmatch(sent):
        return ""
    both = bytes.fromhex(sent)
    return _xor(both[:16], both[16:]).hex()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
