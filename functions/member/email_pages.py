"""The pages behind the link of a confirmation mail (メールアドレスの確認)."""

from portal.database import Database
from portal.log import count
from portal.members.confirm_email import ConfirmTables, LinkEnded, confirm_email, find
from portal.web.errors import BadRequest
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer

EMAIL_LINK = "/member/email/{token}"
EMAIL_DONE = "confirmed"
"""Stands for a token in the address of the page that is shown after the button."""


class EmailPages:
    """Shows the link's page and answers its button; the link says whose, no session is needed."""

    def __init__(self, database: Database, tables: ConfirmTables, renderer: Renderer) -> None:
        self._database = database
        self._tables = tables
        self._renderer = renderer

    def email_form(self, request: Request) -> Response:
        """Show the page behind the link of a confirmation mail; looking at it changes nothing."""
        token = request.params["token"]
        if token == EMAIL_DONE:
            return self._email_page(request, 200, "done")
        good = find(self._database, self._tables, token, request.now) is not None
        return self._email_page(request, 200, "open") if good else self._link_ended(request)

    def confirm_email(self, request: Request) -> Response:
        """Answer このメールアドレスを確認する; the link says whose, no session is needed."""
        if not set(request.form) <= {"csrf"}:
            raise BadRequest("a field the page does not have")
        outcome = confirm_email(
            self._database,
            self._tables,
            request.params["token"],
            now=request.now,
            source=request.source_ip,
        )
        count("EmailConfirmation", outcome=type(outcome).__name__)
        if isinstance(outcome, LinkEnded):
            return self._link_ended(request)
        # Away from the address with the token, which a reload would find used.
        return redirect(EMAIL_LINK.replace("{token}", EMAIL_DONE))

    def _link_ended(self, request: Request) -> Response:
        return self._email_page(request, 404, "ended")

    def _email_page(self, request: Request, status: int, state: str) -> Response:
        return self._renderer.page(request, "confirm_email.html", status, state=state)
