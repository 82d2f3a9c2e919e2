"""The session gate: who is calling, with what the page needs read in the same round trip."""

from dataclasses import replace

from portal.accounts.sessions import (
    COOKIE_NAME,
    Session,
    SessionStore,
    expired_cookie,
    split_cookie,
)
from portal.database import Contended, Database, Found, Item, Rejected, Unreachable
from portal.log import logger
from portal.web import csrf
from portal.web.errors import Forbidden
from portal.web.http import Request, Response, identified, redirect
from portal.web.routing import Gate, Route

ENDED_COOKIE = "__Host-ended"
"""Tells the sign-in page that it was reached because a session had ended."""
NOTHING_KEPT, FORM_KEPT, ASKED = "1", "kept", "asked"
"""What it says: nothing was saved; the form waits on 会員編集; it waits for the password there."""
_TOLD_FOR = {NOTHING_KEPT: 60, FORM_KEPT: 1800, ASKED: 1800}
"""Seconds. A form that waits is where the next sign-in leads, so that is remembered for longer."""


class Admission:
    """Admits requests to routes."""

    def __init__(self, database: Database, sessions: SessionStore) -> None:
        self._database = database
        self._sessions = sessions

    def admit(self, route: Route, request: Request) -> Request | Response:
        """Return the request with its session and what was read beside it, or where to go first."""
        if route.gate is Gate.PUBLIC:
            return request
        row, beside = self._read(route, request)
        session = self._sessions.parse(row, request.now)
        if session is None and route.gate is Gate.OPTIONAL:
            return request
        if session is None:
            return _to_sign_in(
                request, FORM_KEPT if self._kept(route, request, row) else NOTHING_KEPT
            )
        if route.gate is Gate.MEMBER and session.must_change:
            known = identified(replace(request, session=session))
            logger.info("turned away", extra={**known, "why": "password not changed yet"})
            return redirect("/member/password")
        self._touch(session, request)
        return replace(request, session=session, beside=beside)

    def _read(self, route: Route, request: Request) -> tuple[Item | None, list[Found]]:
        """Return the session's row, live or not, and what was read beside it."""
        cookie = split_cookie(request.cookies.get(COOKIE_NAME, ""))
        if cookie is None:
            return None, []
        member_id, token = cookie
        wanted = route.beside(member_id, request) if route.beside else ()
        row, *beside = self._database.read([self._sessions.read_key(member_id, token), *wanted])
        return row if isinstance(row, dict) else None, beside

    def _kept(self, route: Route, request: Request, row: Item | None) -> bool:
        """Keep the form of a member whose time has ended, if it came from a page of ours."""
        lapsed = self._sessions.lapsed(row, request.now) if row else None
        if route.keep is None or lapsed is None or lapsed.must_change:
            return False
        typed = replace(request, session=lapsed)
        try:
            csrf.check_token(typed)
        except Forbidden:
            return False
        return route.keep(typed)

    def _touch(self, session: Session, request: Request) -> None:
        touched = self._sessions.touch(session, request.now)
        if touched is None:
            return
        try:
            self._database.commit(touched)
        except (Rejected, Contended, Unreachable):
            # Another tab wrote the same minute or the session just ended; this page is still good.
            logger.info("session not touched")


def _to_sign_in(request: Request, told: str) -> Response:
    response = redirect("/member/login")
    if COOKIE_NAME not in request.cookies:
        return response
    logger.info("turned away", extra={**identified(request), "why": "session unknown or ended"})
    # Somebody was signed in here: the sign-in page tells that time ran out, and what became of it.
    cookie = ended_cookie(told, _TOLD_FOR[told])
    return response.with_header("Set-Cookie", cookie).with_header("Set-Cookie", expired_cookie())


def ask_to_sign_in(request: Request) -> Response:
    """Lead somebody who is signed in to the sign-in page, because a step wants the password anew.

    The session's cookie stays, so that the new sign-in ends the session it stands for.
    """
    logger.info("asked to sign in again", extra=identified(request))
    return redirect("/member/login").with_header(
        "Set-Cookie", ended_cookie(ASKED, _TOLD_FOR[ASKED])
    )


def ended_cookie(value: str, seconds: int) -> str:
    """Return the Set-Cookie text that tells of an ended session; 0 seconds take it away."""
    return f"{ENDED_COOKIE}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
