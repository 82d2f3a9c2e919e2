"""The pages ログイン, ログインできない方へ and お問い合わせ, and signing out."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.login import causes, qr, texts
from portal.accounts.devices import in_words
from portal.accounts.hashing import LONGEST_INPUT
from portal.accounts.member_number import NotANumber, fold
from portal.accounts.policy import has_full_width
from portal.accounts.sessions import (
    COOKIE_NAME,
    SessionStore,
    expired_cookie,
    session_cookie,
)
from portal.accounts.sign_in import (
    Attempt,
    Disabled,
    InitialEnded,
    Outcome,
    Refused,
    SignedIn,
    Wait,
)
from portal.accounts.throttle import minutes, network_of
from portal.audit import entry
from portal.database import Database
from portal.log import count, logger
from portal.web.gate import ASKED, ENDED_COOKIE, FORM_KEPT, ended_cookie
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer
from portal.web.routing import Gate, Route

LABELS = {"member_no": "会員番号", "password": "パスワード"}
# What a member typed wrongly is shown again, but never more of it than a number can be.
_KEPT = 60


@dataclass(frozen=True)
class LoginPages:
    """Handlers of the function ``login``. *login_url* is the address behind the QR code."""

    renderer: Renderer
    sign_in: Callable[[Attempt], Outcome]
    database: Database
    sessions: SessionStore
    audit_table: str
    mask: Callable[[str], str]
    login_url: str

    def routes(self) -> list[Route]:
        """Return the routes that these pages answer."""
        return [
            Route("GET", "/", Gate.PUBLIC, self.start),
            Route("GET", "/member/login", Gate.PUBLIC, self.form),
            Route("POST", "/member/login", Gate.PUBLIC, self.submit),
            Route("POST", "/member/logout", Gate.FIRST_CHANGE, self.sign_out),
            Route("GET", "/member/help", Gate.OPTIONAL, self.help),
            Route("GET", "/member/contact", Gate.OPTIONAL, self.contact),
        ]

    def start(self, _: Request) -> Response:
        """Lead from the bare address to the menu, which leads to the sign-in page."""
        return redirect("/member")

    def form(self, request: Request) -> Response:
        """Show the sign-in page; it reads nothing."""
        return self._page(request, 200, {})

    def submit(self, request: Request) -> Response:
        """Try to sign in."""
        typed, password = request.form.get("member_no", ""), request.form.get("password", "")
        errors = _errors(typed, password)
        if errors:
            return self._page(request, 422, errors)
        network = network_of(request.source_ip)
        attempt = Attempt(
            member_no=fold(typed),
            password=password,
            network=network,
            source=request.source_ip,
            device=in_words(request.user_agent),
            cookie=request.cookies.get(COOKIE_NAME, ""),
            now=request.now,
        )
        outcome = self.sign_in(attempt)
        self._tell(request, attempt, outcome)
        return self._answer(request, attempt, outcome)

    def _tell(self, request: Request, attempt: Attempt, outcome: Outcome) -> None:
        """Count every try, and write down those that the audit has not under the member."""
        name = type(outcome).__name__
        count("SignIn", outcome=name)
        if not isinstance(outcome, SignedIn):
            told = {"outcome": name, "number": self.mask(attempt.member_no)}
            logger.info("sign-in", extra={"request_id": request.request_id, **told})

    def sign_out(self, request: Request) -> Response:
        """End the session here and in the browser."""
        session = request.signed_in
        note = entry(
            self.audit_table,
            actor=session.member_id,
            action="sign_out",
            subject=session.member_id,
            at=request.now,
            source=request.source_ip,
        )
        self.database.commit(self.sessions.delete(session), note)
        response = redirect("/member/login").with_header("Set-Cookie", expired_cookie())
        # What an earlier page told the sign-in page is no news to whoever signs out.
        response = response.with_header("Set-Cookie", ended_cookie("", 0))
        return response.with_header("Clear-Site-Data", '"cache", "cookies", "storage"')

    def help(self, request: Request) -> Response:
        """Show what to look at when signing in does not work, and what four answers tell."""
        answers = causes.chosen(request.query)
        return self.renderer.page(
            request,
            "help.html",
            questions=causes.QUESTIONS,
            answers=answers,
            found=causes.found(answers) if answers else None,
        )

    def contact(self, request: Request) -> Response:
        """Show how to ask the office."""
        return self.renderer.page(request, "contact.html")

    def _answer(self, request: Request, attempt: Attempt, outcome: Outcome) -> Response:
        match outcome:
            case SignedIn():
                to = redirect(_next_page(outcome, kept=_kept(request)))
                to = to.with_header("Set-Cookie", ended_cookie("", 0)) if _kept(request) else to
                return to.with_header("Set-Cookie", session_cookie(outcome.cookie))
            case Wait(wait=wait):
                page = self._page(request, 429, {}, closed=texts.wait(minutes(wait)))
                return page.with_header("Retry-After", str(int(wait.total_seconds()) + 1))
            case Disabled():
                return self._page(request, 429, {}, closed=texts.DISABLED)
            case InitialEnded():
                return self._page(request, 422, {"password": texts.INITIAL_ENDED})
            case Refused():
                return self._page(request, 422, {"member_no": _refused(attempt.member_no)})

    def _page(
        self, request: Request, status: int, errors: dict[str, str], closed: str = ""
    ) -> Response:
        """Render the page; *closed* is why the right password would not open it either."""
        typed = request.form.get("member_no", "") if request.method == "POST" else ""
        size, path = qr.svg_path(self.login_url) if len(self.login_url) <= qr.LONGEST else (0, "")
        return self.renderer.page(
            request,
            "login.html",
            status,
            errors=errors,
            closed=closed,
            labels=LABELS,
            typed=typed[:_KEPT],
            ended=ENDED_COOKIE in request.cookies,
            kept=_kept(request),
            asked=request.cookies.get(ENDED_COOKIE) == ASKED,
            login_url=self.login_url,
            qr_size=size,
            qr_path=path,
        )


def _errors(typed: str, password: str) -> dict[str, str]:
    """Return what can be told without looking anybody up; such a try is not counted."""
    found = {"member_no": _number_error(typed), "password": _password_error(password)}
    return {name: text for name, text in found.items() if text}


def _number_error(typed: str) -> str:
    if not typed.strip():
        return texts.EMPTY_NUMBER
    try:
        fold(typed[:LONGEST_INPUT])
    except NotANumber:
        return texts.NOT_A_NUMBER
    return texts.NOT_A_NUMBER if len(typed) > LONGEST_INPUT else ""


def _password_error(password: str) -> str:
    if not password:
        return texts.EMPTY_PASSWORD
    if len(password) > LONGEST_INPUT:
        return texts.TOO_LONG
    return texts.FULL_WIDTH if has_full_width(password) else ""


def _refused(number: str) -> str:
    # In general form: whether the number with zeros exists must not show.
    hint = "" if number.startswith("0") else texts.LEADING_ZEROS
    return texts.REFUSED + hint


def _kept(request: Request) -> bool:
    """Tell whether a form that was typed before the session ended waits on 会員編集."""
    return request.cookies.get(ENDED_COOKIE) in (FORM_KEPT, ASKED)


def _next_page(outcome: SignedIn, *, kept: bool) -> str:
    if outcome.must_change:
        return "/member/password"
    if outcome.change_due:
        return "/member/password/expired?kept=1" if kept else "/member/password/expired"
    return "/member/profile/edit" if kept else "/member"
