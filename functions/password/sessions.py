"""The page ログイン中の端末: where the member is signed in, and how to end it there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.end_sessions import Actor, EndSessions
from portal.accounts.sessions import Session, SessionStore
from portal.database import Read
from portal.web.errors import BadRequest
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer
from portal.web.routing import Gate, Route

PATH = "/member/sessions"
OTHERS = "others"
"""What the button ほかの端末をすべてログアウト sends instead of one session."""

TOLD = {
    "one": "選ばれた端末をログアウトしました。",
    "all": "ほかの端末をすべてログアウトしました。",
    "none": "その端末は、すでにログアウトしています。",
}
SHOWN = 20
"""Devices that are listed; more would be nobody's, and the button below ends them all."""

_FIELDS = frozenset({"csrf", "session"})
# A part of the row's key: tells a member's sessions apart, and nothing can be opened with it.
_NAME_LENGTH = 16
_NAME = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class SessionPages:
    """Handlers of the page; what they need is read beside the session."""

    renderer: Renderer
    sessions: SessionStore
    end: EndSessions

    def routes(self) -> list[Route]:
        """Return the routes that these pages answer."""
        return [
            Route("GET", PATH, Gate.MEMBER, self.show, self.beside),
            Route("POST", PATH, Gate.MEMBER, self.submit, self.beside),
        ]

    def beside(self, member_id: str, _: Request) -> Sequence[Read]:
        """Read all of the member's sessions in the round trip that looks for this one."""
        return [self.sessions.read_all(member_id)]

    def show(self, request: Request) -> Response:
        """Show where the member is signed in."""
        others = self._others(request)
        return self.renderer.page(
            request,
            "sessions.html",
            here=request.signed_in,
            others=others[:SHOWN],
            left_out=max(0, len(others) - SHOWN),
            name=_name,
            told=TOLD.get(request.query.get("ended", ""), ""),
            everyone=OTHERS,
        )

    def submit(self, request: Request) -> Response:
        """End one session, or all but this one."""
        wanted = request.form.get("session", "")
        if not set(request.form) <= _FIELDS or not (wanted == OTHERS or _NAME.fullmatch(wanted)):
            raise BadRequest("a field or value the page does not have")
        every = wanted == OTHERS
        ended = [one for one in self._others(request) if every or _name(one) == wanted]
        member_id = request.signed_in.member_id
        actor = Actor(member_id, request.source_ip)
        self.end(member_id, [self.sessions.delete(one) for one in ended], actor, request.now)
        told = "all" if every else "one" if ended else "none"
        return redirect(f"{PATH}?ended={told}")

    def _others(self, request: Request) -> list[Session]:
        """Return the member's live sessions but this one, the newest first."""
        match request.beside:
            case [list() as rows]:
                found = self.sessions.parse_all(rows, request.now)
                return [one for one in found if one.token_hash != request.signed_in.token_hash]
        raise LookupError("the sessions were not read beside the session")


def _name(session: Session) -> str:
    return session.token_hash[:_NAME_LENGTH]
