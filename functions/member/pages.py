"""The member's own pages and their routes: メニュー and 会員詳細 here, the others put together."""

from collections.abc import Sequence

from functions.member import view
from functions.member.beside import mail_fails, member_of
from functions.member.edit import EditPage
from functions.member.email_pages import EMAIL_LINK, EmailPages
from functions.member.mail_test import PATH as MAIL_TEST
from functions.member.mail_test import MailTestPage
from functions.member.put_right import Areas
from functions.member.sheet import Switch
from portal.database import Database, Read
from portal.members import draft, history, store
from portal.members.confirm_email import ConfirmTables
from portal.members.fields import BY_NAME, groups
from portal.members.model import Record
from portal.web.http import Request, Response
from portal.web.render import Renderer
from portal.web.routing import Gate, Route


class MemberPages:
    """The member's own record, shown and changed."""

    def __init__(
        self,
        database: Database,
        tables: ConfirmTables,
        renderer: Renderer,
        areas: Areas,
        true_name: Switch = lambda: False,
    ) -> None:
        self._true_name = true_name
        self._tables = tables
        self._renderer = renderer
        self._edit = EditPage(database, tables, renderer, areas, true_name)
        self._email = EmailPages(database, tables, renderer)
        self._mail_test = MailTestPage(database, tables, renderer)

    def routes(self) -> list[Route]:
        """Return the routes of this function."""
        member, beside, editing = Gate.MEMBER, self._profile, self._profile_and_draft
        return [
            Route("GET", "/member", member, self.menu, beside),
            Route("GET", "/member/", member, self.menu, beside),
            Route("GET", "/member/profile", member, self.show, beside),
            Route("GET", "/member/profile/history", member, self.history, self._changes),
            Route("GET", "/member/profile/edit", member, self._edit.edit, editing),
            Route(
                "POST",
                "/member/profile/edit",
                member,
                self._edit.submit,
                editing,
                keep=self._edit.keep,
                outdated=self._edit.outdated,
            ),
            Route("POST", "/member/profile/confirm", member, self._edit.confirm, editing),
            Route("GET", MAIL_TEST, member, self._mail_test.show, self._mail_test.beside),
            Route("POST", MAIL_TEST, member, self._mail_test.start, beside),
            Route("GET", EMAIL_LINK, Gate.OPTIONAL, self._email.email_form),
            Route("POST", EMAIL_LINK, Gate.OPTIONAL, self._email.confirm_email),
        ]

    def menu(self, request: Request) -> Response:
        """Show the four ways of the manual's menu, and whether mail does not arrive."""
        return self._renderer.page(request, "menu.html", mail_fails=mail_fails(request))

    def show(self, request: Request) -> Response:
        """Show 会員詳細; number, qualification and dues are the office's and only shown."""
        member = member_of(request)
        return self._renderer.page(
            request,
            "profile.html",
            member=member,
            groups=_shown(member.record, true_name=self._true_name()),
            shown_name=member.record.shown_name if self._true_name() else "",
            warning=view.warning(BY_NAME["email"], member.record.email),
            saved="saved" in request.query,
            confirmed="confirmed" in request.query,
            sent="sent" in request.query,
            unconfirmed=bool(member.record.email) and not member.email_confirmed,
        )

    def history(self, request: Request) -> Response:
        """Show 変更履歴, the newest change first."""
        (rows,) = request.beside
        found = history.changes(rows) if isinstance(rows, list) else []
        return self._renderer.page(
            request, "profile_history.html", changes=found, shown=history.SHOWN
        )

    def _changes(self, member_id: str, _: Request) -> Sequence[Read]:
        return [history.query(self._tables.members, member_id)]

    def _profile(self, member_id: str, _: Request) -> Sequence[Read]:
        return [store.read(self._tables.members, member_id)]

    def _profile_and_draft(self, member_id: str, _: Request) -> Sequence[Read]:
        return [
            store.read(self._tables.members, member_id),
            draft.read(self._tables.sessions, member_id),
        ]


def _shown(record: Record, *, true_name: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    values = record.values()
    values["postal_code"] = _with_hyphen(values["postal_code"])
    return [
        (title, [(BY_NAME[name].label, values.get(name, "")) for name in names])
        for title, names in groups(true_name=true_name)
    ]


def _with_hyphen(postal_code: str) -> str:
    return f"{postal_code[:3]}-{postal_code[3:]}" if len(postal_code) == 7 else postal_code
