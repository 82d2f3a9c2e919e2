"""The page 会員編集: shown, saved, put right, confirmed as it is."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from functions.member import address, view
from functions.member.beside import draft_of, member_of
from portal.accounts import sessions
from portal.database import Database, Delete
from portal.log import count
from portal.members import email_typo, fields
from portal.members.checks import Problem, check
from portal.members.confirm_email import ConfirmTables, resend
from portal.members.confirm_profile import Incomplete, confirm_profile, is_right
from portal.members.draft import Draft, dropped, kept
from portal.members.fields import BY_NAME, SHOWN_FOR
from portal.members.model import Member, Record
from portal.members.postcodes import Area
from portal.members.save_profile import Conflict, save_profile
from portal.web.errors import BadRequest, TooManyTries
from portal.web.gate import ask_to_sign_in
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer

# What the form of 会員編集 carries besides the fields of the record.
_CONTROLS = frozenset({"csrf", "action", "version", "invoice", "area", "email_kept"})
_CONFIRM_FIELDS = frozenset({"csrf", "version", "invoice"})
_INVOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_VERSION = re.compile("[0-9]{1,15}")
_AREA = re.compile("[0-9]{1,3}")
_USE, _KEEP = "use:", "keep:"

_UNSEEN = 0  # No record has this version, so a form without one never overwrites anything.

PASSWORD_CHANGED = "パスワードを変更しました。続けて登録情報をご確認ください。"  # noqa: S105 - a text.
RESUMED = (
    "ログインする前に入力されていた内容を表示しています。まだ保存されていません。"
    "ご確認のうえ、保存してください。"
)
PASSWORD_HOLDS = timedelta(minutes=10)
"""How long after the password was given a new mail address is taken without asking for it."""
TOLD_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Editing:
    """One state of the page 会員編集. *version* is the one that the shown texts are based on."""

    member: Member
    version: int
    invoice: str
    values: Mapping[str, str]
    problems: Mapping[str, Problem]
    mine: Record | None = None
    notice: str = ""
    resumed: bool = False
    search: address.Search | None = None
    changed_elsewhere: bool = False
    unsaved: bool = True
    email_kept: str = ""
    """The address the member was asked about; sent back with 保存, it is taken."""


type _Find = Callable[[Mapping[str, str], Sequence[Area]], address.Search]

type Areas = Callable[[str], Sequence[Area]]
"""Gives the addresses of a postcode of seven digits."""

type Switch = Callable[[], bool]
"""Tells the society's setting, which is read when it is first asked for."""


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
        self._renderer = renderer
        self._areas = areas
        self._true_name = true_name

    def edit(self, request: Request) -> Response:
        """Show 会員編集 with what is stored."""
        member, waiting = member_of(request), draft_of(request)
        if waiting is not None and "fresh" not in request.query:
            return self._edit_page(request, _resumed(member, waiting), 200)
        values = member.record.values()
        editing = Editing(
            member,
            member.version,
            _invoice(request),
            values,
            {},
            notice=PASSWORD_CHANGED if _password_just_changed(request) else "",
            unsaved=False,
        )
        return self._edit_page(request, editing, 200)

    def submit(self, request: Request) -> Response:
        """Answer the form of 会員編集: save, or re-render without storing anything."""
        on_page = fields.names(true_name=self._true_name())
        if not set(request.form) <= _CONTROLS.union(on_page):
            raise BadRequest("a field the page does not have")
        action = request.form.get("action") or "save"
        if action == "save":
            return self._save(request)
        if action == "postcode":
            return self._look_up_address(request, address.searched)
        if action == "postcode:use":
            return self._look_up_address(request, partial(_chosen, _area(request)))
        if action == "resend-confirmation":
            return self._resend_confirmation(request)
        if action.startswith(_USE) and action.removeprefix(_USE) in on_page:
            return self._use(request, action.removeprefix(_USE))
        if self._true_name() and action.removeprefix(_KEEP) in SHOWN_FOR:
            return self._keep_true_form(request, action.removeprefix(_KEEP))
        raise BadRequest("an action the page does not have")

    def keep(self, request: Request) -> bool:
        """Keep what was typed for after the next sign-in; False when it is no form of ours."""
        member_id = request.signed_in.member_id
        typed = {name: text for name, text in _posted(request).items() if name in BY_NAME}
        draft = Draft(typed, _version(request, _UNSEEN), _invoice(request))
        if not draft.reasonable:
            return False
        self._database.commit(kept(self._tables.sessions, member_id, draft, request.now))
        count("DraftKept")
        return True

    def confirm(self, request: Request) -> Response:
        """Answer 変更なし."""
        if not set(request.form) <= _CONFIRM_FIELDS:
            raise BadRequest("a field the page does not have")
        member, invoice = member_of(request), _invoice(request)
        outcome = confirm_profile(
            self._database,
            self._tables,
            current=member,
            seen=_version(request, member.version),
            now=request.now,
            source=request.source_ip,
            also=self._forgotten(request, member),
        )
        if isinstance(outcome, Conflict):
            return self._changed_elsewhere(request, outcome.current, invoice)
        if isinstance(outcome, Incomplete):
            return self._incomplete(request, member, invoice)
        return _onward(invoice, "/member/profile?confirmed=1")

    def _resend_confirmation(self, request: Request) -> Response:
        member = member_of(request)
        if member.email_confirmed or not member.record.email:
            # Confirmed in another window meanwhile; the page shows that there is nothing to do.
            return redirect("/member/profile")
        if not resend(self._database, self._tables, member, request.now):
            raise TooManyTries(_until_next_hour(request.now))
        return redirect("/member/profile?sent=1")

    def _save(self, request: Request) -> Response:
        # Loaded here because pydantic takes long to load, and most pages only read.
        from portal.members.form import Refusal, read_form

        member, invoice = member_of(request), _invoice(request)
        based_on = _version(request, _UNSEEN)
        wanted = read_form(_posted(request), member.record)
        if isinstance(wanted, Refusal):
            typed = view.typed_values(request.form, member.record)
            editing = Editing(member, based_on, invoice, typed, wanted.problems)
            return self._edit_page(request, editing, 422)
        if _wants_password(request, member, wanted) and self.keep(request):
            return ask_to_sign_in(request)
        doubt = self._doubted(request, member, wanted)
        if doubt:
            typed = view.typed_values(request.form, member.record)
            editing = Editing(member, based_on, invoice, typed, doubt, email_kept=wanted.email)
            return self._edit_page(request, editing, 422)
        outcome = save_profile(
            self._database,
            self._tables,
            current=member,
            wanted=wanted,
            based_on=based_on,
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

    def _doubted(self, request: Request, member: Member, wanted: Record) -> Mapping[str, Problem]:
        """Ask once about a new address that looks mistyped; saved again, it is taken as it is."""
        new = wanted.email != member.record.email
        if not new or request.form.get("email_kept") == wanted.email:
            return {}
        meant = email_typo.meant(wanted.email)
        return {"email": view.doubt(meant)} if meant else {}

    def _use(self, request: Request, name: str) -> Response:
        """Put the offered correction into one field; the member still has to press 保存."""
        member, field = member_of(request), BY_NAME[name]
        values = view.typed_values(request.form, member.record)
        proposal, notice = view.proposal(field, values.get(name, "")), ""
        if proposal is not None:
            values[name] = proposal
            notice = f"{field.label}を「{proposal}」に直しました。まだ保存されていません。"
        return self._again(request, values, notice)

    def _keep_true_form(self, request: Request, name: str) -> Response:
        """Put in the correction and keep the true form for show; 保存 is still to be pressed."""
        values = view.typed_values(request.form, member_of(request).record)
        kept_form, notice = view.kept_form(name, values.get(name, "")), ""
        if kept_form:
            values |= kept_form
            notice = (
                f"{BY_NAME[name].label}を「{kept_form[name]}」に直し、"
                f"「{kept_form[SHOWN_FOR[name]]}」を表示用に残しました。まだ保存されていません。"
            )
        return self._again(request, values, notice)

    def _look_up_address(self, request: Request, then: _Find) -> Response:
        """Look the postcode up and say what it makes of the page; nothing is stored."""
        typed = view.typed_values(request.form, member_of(request).record)
        code = check(BY_NAME["postal_code"], typed["postal_code"])
        search = None if code.problem else then(typed, self._areas(code.value))
        values = search.values if search else typed
        # Of the other fields only what was typed is looked at: the member is not done yet.
        begun = {name for name, text in values.items() if text} | {"postal_code"}
        return self._again(request, values, "", search, begun)

    def _again(
        self,
        request: Request,
        values: Mapping[str, str],
        notice: str,
        search: address.Search | None = None,
        looked_at: AbstractSet[str] = frozenset(BY_NAME),
    ) -> Response:
        member, found = member_of(request), view.problems_of(values)
        problems = {name: one for name, one in found.items() if name in looked_at}
        version, invoice = _version(request, _UNSEEN), _invoice(request)
        editing = Editing(member, version, invoice, values, problems, notice=notice, search=search)
        return self._edit_page(request, editing, 200)

    def _conflict(self, request: Request, current: Member, mine: Record, invoice: str) -> Response:
        """Show both versions; the form keeps the member's, based on the stored one now."""
        count("ProfileConflict")
        editing = Editing(current, current.version, invoice, mine.values(), {}, mine)
        return self._edit_page(request, editing, 409)

    def _changed_elsewhere(self, request: Request, current: Member, invoice: str) -> Response:
        values = current.record.values()
        editing = Editing(
            current, current.version, invoice, values, {}, changed_elsewhere=True, unsaved=False
        )
        return self._edit_page(request, editing, 409)

    def _incomplete(self, request: Request, member: Member, invoice: str) -> Response:
        values = member.record.values()
        problems = view.problems_of(values)
        editing = Editing(member, member.version, invoice, values, problems, unsaved=False)
        return self._edit_page(request, editing, 422)

    def _edit_page(self, request: Request, editing: Editing, status: int) -> Response:
        member, mine = editing.member, editing.mine
        return self._renderer.page(
            request,
            "profile_edit.html",
            status,
            version=editing.version,
            invoice=editing.invoice,
            groups=view.groups(editing.values, editing.problems, true_name=self._true_name()),
            errors={name: view.one_text(one) for name, one in editing.problems.items()},
            differences=view.differences(mine, member) if mine else [],
            changed_elsewhere=editing.changed_elsewhere,
            notice_text=editing.notice,
            search=editing.search,
            resumed=editing.resumed,
            unsaved=editing.unsaved,
            email_kept=editing.email_kept,
            may_confirm=not editing.unsaved and is_right(member),
        )


def _until_next_hour(now: datetime) -> int:
    return 3600 - now.minute * 60 - now.second


def _posted(request: Request) -> dict[str, str]:
    return {name: text for name, text in request.form.items() if name not in _CONTROLS}


def _password_just_changed(request: Request) -> bool:
    """Tell whether this page is the one that opens after a password change (manual, section 3)."""
    session = request.signed_in
    fresh = request.now - session.created_at < TOLD_WITHIN
    return fresh and session.notice == sessions.PASSWORD_CHANGED


def _invoice(request: Request) -> str:
    """Return the invoice that is to be paid next, from the form or the address; else nothing."""
    posted = request.form.get("invoice", "") if request.method == "POST" else ""
    invoice = posted or request.query.get("invoice", "")
    if invoice and not _INVOICE.fullmatch(invoice):
        raise BadRequest("not an invoice id")
    return invoice


def _version(request: Request, otherwise: int) -> int:
    text = request.form.get("version", "") if request.method == "POST" else ""
    return int(text) if _VERSION.fullmatch(text) else otherwise


def _wants_password(request: Request, member: Member, wanted: Record) -> bool:
    """Tell whether the password has to be given anew before this address may take effect.

    Whoever holds a session for long need not be the member any more (ASVS 7.5.1); somebody who has
    just signed in or changed the password has just given it.
    """
    given_ago = request.now - request.signed_in.created_at
    return wanted.email != member.record.email and given_ago > PASSWORD_HOLDS


def _resumed(member: Member, draft: Draft) -> Editing:
    """Return the page with what was typed before the session ended, nothing of it saved."""
    values = {**member.record.values(), **draft.values}
    return Editing(member, draft.version, draft.invoice, values, {}, notice=RESUMED, resumed=True)


def _area(request: Request) -> int:
    text = request.form.get("area", "")
    if not _AREA.fullmatch(text):
        raise BadRequest("not one of the addresses")
    return int(text)


def _chosen(number: int, values: Mapping[str, str], areas: Sequence[Area]) -> address.Search:
    """Put in the address of that number; another code may have been typed since it was shown."""
    return (
        address.chosen(values, areas[number])
        if number < len(areas)
        else address.searched(values, areas)
    )


def _onward(invoice: str, otherwise: str) -> Response:
    if not invoice:
        return redirect(otherwise)
    return redirect(f"/member/billing/{quote(invoice, safe='')}/payment")
