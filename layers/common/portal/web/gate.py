"""The session gate: who is calling, with what the page needs read in the same round trip."""

from dataclasses import replace

from portal.accounts.sessions import (
    COOKIE_NAME,
    Session,
    SessionStore,
    expired_cookie,
    split_cookie,
)
from portal.database import Contended, Database, Found, Rejected, Unreachable
from portal.log import logger
from portal.web.http import Request, Response, identified, redirect
from portal.web.routing import Gate, Route

ENDED_COOKIE = "__Host-ended"
"""Tells the sign-in page, for a minute, that it was reached because a session had ended."""


class Admission:
    """Admits requests to routes."""

    def __init__(self, database: Database, sessions: SessionStore) -> None:
        self._database = database
        self._sessions = sessions

    def admit(self, route: Route, request: Request) -> Request | Response:
        """Return the request with its session and what was read beside it, or where to go first."""
        if route.gate is Gate.PUBLIC:
            return request
        session, beside = self._found(route, request)
        if session is None:
            return request if route.gate is Gate.OPTIONAL else _to_sign_in(request)
        if route.gate is Gate.MEMBER and session.must_change:
            known = identified(replace(request, session=session))
            logger.info("turned away", extra={**known, "why": "password not changed yet"})
            return redirect("/member/password")
        self._touch(session, request)
        return replace(request, session=session, beside=beside)

    def _found(self, route: Route, request: Request) -> tuple[Session | None, list[Found]]:
        cookie = split_cookie(request.cookies.get(COOKIE_NAME, ""))
        if cookie is None:
            return None, []
        member_id, token = cookie
        wanted = route.beside(member_id, request) if route.beside else ()
        # Nothing read beside the session leaves this function unless the session was found.
        row, *beside = self._database.read([self._sessions.read_key(member_id, token), *wanted])
        session = self._sessions.parse(row, request.now) if isinstance(row, dict) else None
        return session, beside if session else []

    def _touch(self, session: Session, request: Request) -> None:
        touched = self._sessions.touch(session, request.now)
        if touched is None:
            return
        try:
            self._database.commit(touched)
        except (Rejected, Contended, Unreachable):
            # Another tab wrote the same minute or the session just ended; this page is still good.
            logger.info("session not touched")


def _to_sign_in(request: Request) -> Response:
    response = redirect("/member/login")
    if COOKIE_NAME not in request.cookies:
        return response
    logger.info("turned away", extra={**identified(request), "why": "session unknown or ended"})
    # Somebody was signed in here: the sign-in page tells that time ran out and nothing was saved.
    told = f"{ENDED_COOKIE}=1; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
    return response.with_header("Set-Cookie", told).with_header("Set-Cookie", expired_cookie())
