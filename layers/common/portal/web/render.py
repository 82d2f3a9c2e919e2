"""Pages: Jinja2 templates, compiled in the built layer and read as files on a desk."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined
from markupsafe import Markup

from portal.clock import JST, parse_iso
from portal.config import Society
from portal.web import csrf
from portal.web.errors import MethodNotAllowed, WebError
from portal.web.headers import content_security_policy
from portal.web.http import Request, Response

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
COMPILED = _HERE / "compiled"
STYLE = (_HERE / "assets" / "portal.css").read_text(encoding="utf-8").strip()
SCRIPT = (_HERE / "assets" / "portal.js").read_text(encoding="utf-8").strip()
POLICY = content_security_policy(STYLE, SCRIPT)


def environment(loader: BaseLoader) -> Environment:
    """Return the environment of pages: everything escaped, an undefined name is an error."""
    made = Environment(
        loader=loader,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(yen=yen, jp_date=jp_date, jp_time=jp_time)
    return made


def default_loader() -> BaseLoader:
    """Return the compiled templates where the build made them, else the source files."""
    return ModuleLoader(COMPILED) if COMPILED.exists() else FileSystemLoader(TEMPLATES)


def yen(amount: int) -> str:
    """Write an amount of whole yen: 12000 → 12,000円."""
    return f"{amount:,}円"


def jp_date(day: str | date) -> str:
    """Write a day, or a moment as Japan's calendar has it, as 2026年11月22日."""
    if isinstance(day, str):
        day = parse_iso(day) if "T" in day else date.fromisoformat(day)
    shown = day.astimezone(JST) if isinstance(day, datetime) else day
    return f"{shown.year}年{shown.month}月{shown.day}日"


def jp_time(moment: str | datetime) -> str:
    """Write a moment as Japan's clock shows it: 2026年11月22日 23:59."""
    shown = parse_iso(moment) if isinstance(moment, str) else moment
    return f"{jp_date(shown)} {shown.astimezone(JST):%H:%M}"


class Renderer:
    """Renders pages for requests."""

    def __init__(self, society: Callable[[], Society], loader: BaseLoader | None = None) -> None:
        self._society = society
        self._environment = environment(loader or default_loader())

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """Render *template*; sets the form cookie where a signed-out form needs one."""
        token = _Token(request)
        body = self._environment.get_template(template).render(
            **context,
            status=status,
            reference=request.reference,
            signed_in=request.session is not None,
            must_change=request.session is not None and request.session.must_change,
            member_no=request.session.member_no if request.session else "",
            csrf_field=token.field,
            society=self._society(),
            style=Markup(STYLE),  # noqa: S704 - a constant file of ours, hashed in the policy.
            script=Markup(SCRIPT),  # noqa: S704 - likewise.
        )
        response = Response(status, body)
        return response.with_header("Set-Cookie", token.cookie) if token.cookie else response

    def error(self, request: Request, error: WebError) -> Response:
        """Render the error page of *error* with its code and the request's reference."""
        wait = getattr(error, "wait_seconds", 0)
        response = self.page(
            request, "error.html", error.status, code=error.code, minutes=-(-wait // 60)
        )
        if isinstance(error, MethodNotAllowed):
            return response.with_header("Allow", ", ".join(error.allowed))
        return response.with_header("Retry-After", str(wait)) if wait else response


class _Token:
    """Makes the form token of one page once, when the template first asks for it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._value = ""
        self.cookie: str | None = None

    def field(self) -> Markup:
        """Return the hidden field that every form on the page carries."""
        if not self._value:
            self._make()
        return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, self._value)

    def _make(self) -> None:
        if self._request.session is not None:
            self._value = csrf.signed_in_token(self._request.session.csrf)
        else:
            self._value, self.cookie = csrf.signed_out_token(self._request)
