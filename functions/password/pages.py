"""The pages パスワード変更 and パスワード再設定, and the message after 120 days."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.password import texts
from portal.accounts.change_password import (
    ChangeOutcome,
    ChangeWait,
    SessionGone,
    WrongCurrent,
)
from portal.accounts.devices import in_words
from portal.accounts.hashing import LONGEST_INPUT
from portal.accounts.member_number import NotANumber, fold
from portal.accounts.new_password import Changed, Faulty, Origin
from portal.accounts.policy import PasswordPolicy, has_full_width
from portal.accounts.reset import LinkEnded, ResetOutcome
from portal.accounts.sessions import Session, expired_cookie, session_cookie
from portal.accounts.throttle import minutes, network_of
from portal.log import count
from portal.web.errors import TooManyTries
from portal.web.http import Form, Request, Response, redirect
from portal.web.render import Renderer
from portal.web.routing import Gate, Route

LABELS = {
    "current_password": "現在のパスワード",
    "new_password": "新しいパスワード",
    "confirm_password": "確認パスワード",
    "member_no": "会員番号",
    "email": "登録メールアドレス",
}
AFTER_CHANGE = "/member/profile/edit"

_KEPT = 300
_LONGEST_EMAIL = 254


@dataclass(frozen=True)
class PasswordPages:
    """Handlers of the function ``password``. The three use cases are callables."""

    renderer: Renderer
    policy: PasswordPolicy
    change: Callable[[Session, str, str, Origin], ChangeOutcome]
    reset: Callable[[str, str, Origin], ResetOutcome]
    link_is_good: Callable[[str, datetime], bool]
    request_reset: Callable[[str, str, str, datetime], timedelta | None]

    def routes(self) -> list[Route]:
        """Return the routes that these pages answer."""
        base = "/member/password"
        return [
            Route("GET", base, Gate.FIRST_CHANGE, self.change_form),
            Route("POST", base, Gate.FIRST_CHANGE, self.submit_change),
            Route("GET", f"{base}/expired", Gate.MEMBER, self.expired),
            Route("GET", f"{base}/forgot", Gate.OPTIONAL, self.forgot_form),
            Route("POST", f"{base}/forgot", Gate.OPTIONAL, self.submit_forgot),
            Route("GET", f"{base}/reset/{{token}}", Gate.OPTIONAL, self.reset_form),
            Route("POST", f"{base}/reset/{{token}}", Gate.OPTIONAL, self.submit_reset),
        ]

    # パスワード変更

    def change_form(self, request: Request) -> Response:
        """Show the change page; the first time with the alert of the manual."""
        return self._change_page(request, 200, {}, alert=request.signed_in.must_change)

    def submit_change(self, request: Request) -> Response:
        """Change the password."""
        session, form = request.signed_in, request.form
        errors = _new_errors(form)
        if not session.must_change:
            errors = _current_errors(form) | errors
        if errors:
            return self._change_page(request, 422, errors)
        current, new = form.get("current_password", ""), form["new_password"]
        outcome = self.change(session, current, new, _origin(request))
        count("PasswordChange", outcome=type(outcome).__name__)
        return self._changed(request, outcome)

    def _changed(self, request: Request, outcome: ChangeOutcome) -> Response:
        match outcome:
            case Changed(cookie=cookie):
                return _signed_in(cookie)
            case Faulty(faults=found):
                return self._change_page(
                    request, 422, {"new_password": texts.faults(found, self.policy)}
                )
            case WrongCurrent():
                return self._change_page(request, 422, {"current_password": texts.WRONG_CURRENT})
            case ChangeWait(wait=wait):
                text = texts.wait(minutes(wait))
                page = self._change_page(request, 429, {"current_password": text})
                return page.with_header("Retry-After", str(int(wait.total_seconds()) + 1))
            case SessionGone():
                return redirect("/member/login").with_header("Set-Cookie", expired_cookie())

    def expired(self, request: Request) -> Response:
        """Show the message after 120 days; it is a page with two links and stops nobody."""
        # What was typed before the sign-in waits on 会員編集, so the way on leads there.
        onward = "/member/profile/edit" if "kept" in request.query else "/member"
        days = self.policy.notice_days
        return self.renderer.page(request, "password_expired.html", days=days, onward=onward)

    # パスワード再設定

    def forgot_form(self, request: Request) -> Response:
        """Show the form for a reset mail, or that the mail was asked for."""
        if "sent" in request.query:
            return self.renderer.page(request, "forgot_sent.html")
        return self._forgot_page(request, 200, {})

    def submit_forgot(self, request: Request) -> Response:
        """Ask for a reset mail; the answer is the same whoever is known."""
        typed, email = request.form.get("member_no", ""), _email(request.form)
        errors = _forgot_errors(typed, email)
        if errors:
            return self._forgot_page(request, 422, errors)
        wait = self.request_reset(fold(typed), email, network_of(request.source_ip), request.now)
        if wait is not None:
            raise TooManyTries(int(wait.total_seconds()))
        return redirect("/member/password/forgot?sent=1")

    def reset_form(self, request: Request) -> Response:
        """Show the page behind a mailed link; looking at it uses nothing up."""
        good = self.link_is_good(request.params["token"], request.now)
        return self._reset_page(request, 200 if good else 404, {}, good=good)

    def submit_reset(self, request: Request) -> Response:
        """Set a new password by a mailed link."""
        token = request.params["token"]
        errors = _new_errors(request.form)
        if errors:
            good = self.link_is_good(token, request.now)
            return self._reset_page(
                request, 422 if good else 404, errors if good else {}, good=good
            )
        outcome = self.reset(token, request.form["new_password"], _origin(request))
        count("PasswordReset", outcome=type(outcome).__name__)
        match outcome:
            case Changed(cookie=cookie):
                return _signed_in(cookie)
            case Faulty(faults=found):
                text = texts.faults(found, self.policy)
                return self._reset_page(request, 422, {"new_password": text}, good=True)
            case LinkEnded():
                return self._reset_page(request, 404, {}, good=False)

    # Rendering

    def _change_page(
        self, request: Request, status: int, errors: dict[str, str], *, alert: bool = False
    ) -> Response:
        first = request.signed_in.must_change
        return self.renderer.page(
            request, "password.html", status, first=first, alert=alert, **self._new(errors)
        )

    def _reset_page(
        self, request: Request, status: int, errors: dict[str, str], *, good: bool
    ) -> Response:
        return self.renderer.page(request, "reset.html", status, good=good, **self._new(errors))

    def _forgot_page(self, request: Request, status: int, errors: dict[str, str]) -> Response:
        form = request.form if request.method == "POST" else Form([])
        typed = {name: form.get(name, "")[:_KEPT] for name in ("member_no", "email")}
        return self.renderer.page(
            request, "forgot.html", status, errors=errors, labels=LABELS, typed=typed
        )

    def _new(self, errors: dict[str, str]) -> dict[str, object]:
        hints = {fault.value: text for fault, text in texts.hints(self.policy).items()}
        return {
            "errors": errors,
            "labels": LABELS,
            "hints": hints,
            "alphabet": texts.alphabet(self.policy),
            "recent": texts.recent(self.policy),
            "days": self.policy.notice_days,
        }


def _origin(request: Request) -> Origin:
    network = network_of(request.source_ip)
    return Origin(network, request.source_ip, in_words(request.user_agent), request.now)


def _signed_in(cookie: str) -> Response:
    return redirect(AFTER_CHANGE).with_header("Set-Cookie", session_cookie(cookie))


def _current_errors(form: Form) -> dict[str, str]:
    text = _typed_error(form.get("current_password", ""), texts.MISSING_CURRENT)
    return {"current_password": text} if text else {}


def _new_errors(form: Form) -> dict[str, str]:
    new, confirm = form.get("new_password", ""), form.get("confirm_password", "")
    found = {
        "new_password": _typed_error(new, texts.MISSING_NEW),
        "confirm_password": _typed_error(confirm, texts.MISSING_CONFIRM),
    }
    if not any(found.values()) and new != confirm:
        found["confirm_password"] = texts.MISMATCH
    return {name: text for name, text in found.items() if text}


def _typed_error(password: str, missing: str) -> str:
    if not password:
        return missing
    if len(password) > LONGEST_INPUT:
        return texts.TOO_LONG
    return texts.FULL_WIDTH if has_full_width(password) else ""


def _email(form: Form) -> str:
    # Full-width letters come from Japanese input; an address never has them.
    return unicodedata.normalize("NFKC", form.get("email", "")[:_KEPT]).strip()


def _forgot_errors(typed: str, email: str) -> dict[str, str]:
    found = {"member_no": _number_error(typed), "email": _email_error(email)}
    return {name: text for name, text in found.items() if text}


def _number_error(typed: str) -> str:
    if not typed.strip():
        return texts.EMPTY_NUMBER
    try:
        fold(typed)
    except NotANumber:
        return texts.NOT_A_NUMBER
    return ""


def _email_error(email: str) -> str:
    if not email:
        return texts.EMPTY_EMAIL
    local, at, domain = email.rpartition("@")
    plausible = at and local and "." in domain and len(email) <= _LONGEST_EMAIL
    visible = all("!" <= character <= "~" for character in email)
    return "" if plausible and visible else texts.NOT_AN_EMAIL
