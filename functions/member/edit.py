"""The page 会員編集: shown, saved, confirmed as it is."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from functions.member import posted, view
from functions.member.beside import draft_of, member_of
from functions.member.put_right import Areas, PutRight
from functions.member.sheet import Editing, Notice, Sheet, Switch
from portal.accounts import sessions
from portal.clock import until_next_hour
from portal.database import Database, Delete
from portal.log import count
from portal.members import email_typo, fields
from portal.members.checks import Problem
from portal.members.confirm_email import ConfirmTables, resend
from portal.members.confirm_profile import Incomplete, confirm_profile
from portal.members.draft import Draft, dropped, kept
from portal.members.fields import BY_NAME
from portal.members.model import Member, Record
from portal.members.save_profile import Conflict, save_profile
from portal.web.errors import BadRequest, Forbidden, TooManyTries
from portal.web.gate import ask_to_sign_in
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer

PASSWORD_CHANGED = "パスワードを変更しました。続けて登録情報をご確認ください。"  # noqa: S105 - a text.
RESUMED = (
    "ログインする前に入力されていた内容を表示しています。まだ保存されていません。"
    "ご確認のうえ、保存してください。"
)
PASSWORD_HOLDS = timedelta(minutes=10)
"""How long after the password was given a new mail address is taken without asking for it."""
TOLD_WITHIN = timedelta(minutes=2)


class EditPage:
    """The one form of the record. Nothing is stored but by 保存, 変更なし and their like."""

    def __init__(
        self,
        database: Database,
        tables: ConfirmTables,
        renderer: Renderer,
        areas: Areas,
        true_name: Switch,
    ) -> None:
        self._database = database
        self._tables = tables
        self._true_name = true_name
        self._sheet = Sheet(renderer, true_name)
        self._put_right = PutRight(self._sheet, areas, true_name)

    def edit(self, request: Request) -> Response:
        """Show 会員編集 with what is stored, or with what was typed before signing in again."""
        member, waiting = member_of(request), draft_of(request)
        if waiting is not None and "fresh" not in request.query:
            return self._resumed(request, waiting)
        editing = Editing(
            member,
            member.version,
            posted.invoice(request),
            member.record.values(),
            {},
            notice=Notice(PASSWORD_CHANGED) if _password_just_changed(request, member) else None,
            unsaved=False,
        )
        return self._sheet.page(request, editing, 200)

    def submit(self, request: Request) -> Response:
        """Answer the form of 会員編集: save, or re-render without storing anything."""
        self._check_fields(request)
        action = request.form.get("action") or "save"
        if action == "save":
            return self._save(request)
        if action == "resend-confirmation":
            return self._resend_confirmation(request)
        return self._put_right.answer(request, action)

    def keep(self, request: Request) -> bool:
        """Keep what was typed for after the next sign-in; False when it is no form of ours."""
        draft = _typed(request)
        if not draft.reasonable:
            return False
        member_id = request.signed_in.member_id
        self._database.commit(kept(self._tables.sessions, member_id, draft, request.now))
        count("DraftKept")
        return True

    def outdated(self, request: Request) -> Response:
        """Show again, unsaved, what was typed on a page that is older than the session.

        The member signed in anew in another window meanwhile. Raises Forbidden for a page of
        another member's, whose texts must not get into this one's record.
        """
        if request.form.get("whose") != posted.whose(request.signed_in.member_id):
            raise Forbidden("form token")
        self._check_fields(request)
        count("OutdatedPageShownAgain")
        return self._resumed(request, _typed(request), 403)

    def confirm(self, request: Request) -> Response:
        """Answer 変更なし."""
        if not set(request.form) <= posted.CONFIRM_FIELDS:
            raise BadRequest("a field the page does not have")
        member, invoice = member_of(request), posted.invoice(request)
        outcome = confirm_profile(
            self._database,
            self._tables,
            current=member,
            seen=posted.version(request, member.version),
            now=request.now,
            source=request.source_ip,
            also=self._forgotten(request, member),
        )
        if isinstance(outcome, Conflict):
            return self._changed_elsewhere(request, outcome.current, invoice)
        if isinstance(outcome, Incomplete):
            return self._incomplete(request, member, invoice)
        return _onward(invoice, "/member/profile?confirmed=1")

    def _check_fields(self, request: Request) -> None:
        on_page = fields.names(true_name=self._true_name())
        if not set(request.form) <= posted.CONTROLS.union(on_page):
            raise BadRequest("a field the page does not have")

    def _resend_confirmation(self, request: Request) -> Response:
        member = member_of(request)
        if member.email_confirmed or not member.record.email:
            # Confirmed in another window meanwhile; the page shows that there is nothing to do.
            return redirect("/member/profile")
        if not resend(self._database, self._tables, member, request.now):
            raise TooManyTries(until_next_hour(request.now))
        return redirect("/member/profile?sent=1")

    def _save(self, request: Request) -> Response:
        # Loaded here because pydantic takes long to load, and most pages only read.
        from portal.members.form import Refusal, read_form

        member, invoice = member_of(request), posted.invoice(request)
        wanted = read_form(posted.texts(request), member.record)
        if isinstance(wanted, Refusal):
            return self._refused(request, wanted.problems)
        if _wants_password(request, member, wanted) and self.keep(request):
            return ask_to_sign_in(request)
        doubt = _doubted(request, member, wanted)
        if doubt:
            return self._refused(request, doubt, email_kept=wanted.email)
        outcome = save_profile(
            self._database,
            self._tables,
            current=member,
            wanted=wanted,
            based_on=posted.version(request, posted.UNSEEN),
            now=request.now,
            source=request.source_ip,
            also=self._forgotten(request, member),
        )
        if isinstance(outcome, Conflict):
            return self._conflict(request, outcome.current, wanted, invoice)
        count("ProfileSaved")
        return _onward(invoice, "/member/profile?saved=1")

    def _forgotten(self, request: Request, member: Member) -> list[Delete]:
        waits = draft_of(request) is not None
        return [dropped(self._tables.sessions, member.member_id)] if waits else []

    def _refused(
        self, request: Request, problems: Mapping[str, Problem], *, email_kept: str = ""
    ) -> Response:
        """Show what was typed with what is wrong with it."""
        member = member_of(request)
        editing = Editing(
            member,
            posted.version(request, posted.UNSEEN),
            posted.invoice(request),
            view.typed_values(request.form, member.record),
            problems,
            email_kept=email_kept,
        )
        return self._sheet.page(request, editing, 422)

    def _resumed(self, request: Request, draft: Draft, status: int = 200) -> Response:
        """Show what was typed before the member signed in again, nothing of it saved."""
        member = member_of(request)
        values = {**member.record.values(), **draft.values}
        told = Notice(RESUMED, "warn")
        editing = Editing(
            member, draft.version, draft.invoice, values, {}, notice=told, resumed=True
        )
        return self._sheet.page(request, editing, status)

    def _conflict(self, request: Request, current: Member, mine: Record, invoice: str) -> Response:
        """Show both versions; the form keeps the member's, based on the stored one now."""
        count("ProfileConflict")
        editing = Editing(current, current.version, invoice, mine.values(), {}, mine)
        return self._sheet.page(request, editing, 409)

    def _changed_elsewhere(self, request: Request, current: Member, invoice: str) -> Response:
        values = current.record.values()
        editing = Editing(
            current, current.version, invoice, values, {}, changed_elsewhere=True, unsaved=False
        )
        return self._sheet.page(request, editing, 409)

    def _incomplete(self, request: Request, member: Member, invoice: str) -> Response:
        values = member.record.values()
        problems = view.problems_of(values)
        editing = Editing(member, member.version, invoice, values, problems, unsaved=False)
        return self._sheet.page(request, editing, 422)


def _doubted(request: Request, member: Member, wanted: Record) -> Mapping[str, Problem]:
    """Ask once about a new address that looks mistyped; saved again, it is taken as it is."""
    new = wanted.email != member.record.email
    if not new or request.form.get("email_kept") == wanted.email:
        return {}
    meant = email_typo.meant(wanted.email)
    return {"email": view.doubt(meant)} if meant else {}


def _typed(request: Request) -> Draft:
    """Return the form as something that can be shown again as it was typed."""
    texts = {name: text for name, text in posted.texts(request).items() if name in BY_NAME}
    return Draft(texts, posted.version(request, posted.UNSEEN), posted.invoice(request))


def _password_just_changed(request: Request, member: Member) -> bool:
    """Tell whether this page is the one that opens after a password change (manual, section 3).

    Once the record was saved since, the member has done what the text asks for.
    """
    session = request.signed_in
    saved_since = member.updated_at is not None and member.updated_at > session.created_at
    fresh = request.now - session.created_at < TOLD_WITHIN
    return fresh and not saved_since and session.notice == sessions.PASSWORD_CHANGED


def _wants_password(request: Request, member: Member, wanted: Record) -> bool:
    """Tell whether the password has to be given anew before this address may take effect.

    Whoever holds a session for long need not be the member any more (ASVS 7.5.1); somebody who has
    just signed in or changed the password has just given it.
    """
    given_ago = request.now - request.signed_in.created_at
    return wanted.email != member.record.email and given_ago > PASSWORD_HOLDS


def _onward(invoice: str, otherwise: str) -> Response:
    if not invoice:
        return redirect(otherwise)
    return redirect(f"/member/billing/{quote(invoice, safe='')}/payment")
