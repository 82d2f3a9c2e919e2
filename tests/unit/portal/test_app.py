"""From event to answer: refusals become pages with a code and a reference, headers are on all."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from portal.config import load_society
from portal.database import Contended, Rejected, Unreachable
from portal.web.app import App
from portal.web.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    TooManyTries,
    Unavailable,
    WebError,
)
from portal.web.headers import source_hash
from portal.web.http import Request, Response
from portal.web.render import POLICY, SCRIPT, STYLE, TEMPLATES, Renderer
from portal.web.routing import Gate, Route
from tests.fakes import FixedClock, MemoryDatabase
from tests.unit.members.desk import config
from tests.unit.portal.web import event, posted
from tests.webclient import ORIGIN, Browser

SECRET = "Midori77#"
REASON = "a reason in words of ours"
"""Goes into the log, never onto a page."""


def app(handle: Callable[[Request], Response], method: str = "GET") -> App:
    society = load_society()
    routes = [Route(method, "/member/login", Gate.PUBLIC, handle)]
    return App(config(), MemoryDatabase(), FixedClock(), Renderer(lambda: society), routes)


def raising(error: Exception) -> Callable[[Request], Response]:
    def handle(_: Request) -> Response:
        raise error

    return handle


def fine(_: Request) -> Response:
    return Response(200, "fine")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadRequest(REASON), 400, "P400"),
        (Forbidden(REASON), 403, "P403"),
        (NotFound(REASON), 404, "P404"),
        (TooManyTries(90), 429, "P429"),
        (Unavailable(REASON), 503, "P503"),
        (WebError(REASON), 500, "P500"),
        (Unreachable(REASON), 503, "P503"),
        (Contended(REASON), 503, "P503"),
        (Rejected(frozenset({0})), 503, "P503"),
        (RuntimeError(SECRET), 500, "P500"),
        (KeyError(SECRET), 500, "P500"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_becomes_a_page_with_its_code_and_a_reference(
    error: Exception, status: int, code: str
) -> None:
    answer = app(raising(error))(event())
    assert answer["statusCode"] == status
    assert code in answer["body"]
    assert "0F1E2D3C" in answer["body"]
    assert SECRET not in json.dumps(answer)
    assert REASON not in json.dumps(answer)
    assert 'lang="ja"' in answer["body"]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("resource", ["/member/login", "/{proxy+}"])
def test_a_refused_method_is_told_which_there_are(method: str, resource: str) -> None:
    answer = app(fine)(event(httpMethod=method, resource=resource))
    assert answer["statusCode"] == 405
    assert set(answer["multiValueHeaders"]["Allow"][0].split(", ")) <= {"GET", "POST"}
    assert "この操作はできません" in answer["body"]


def test_a_foreign_errors_text_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """It may hold what a member typed; types and places are enough to find the fault."""
    app(raising(RuntimeError(SECRET)))(event())
    told = [vars(record) for record in caplog.records]
    assert SECRET not in repr(told)
    (unexpected,) = [one for one in told if one["message"] == "unexpected"]
    assert unexpected["error"] == "RuntimeError"
    assert any(place.startswith("test_app.py:") for place in unexpected["places"])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NotFound("no such invoice"), "refused"),
        (TooManyTries(90), "refused"),
        (Forbidden("form token"), "refused"),
        (BadRequest("a field was sent twice"), "refused"),
        (Unreachable("time-out"), "database"),
        (RuntimeError("x"), "unexpected"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_refusal_or_fault_is_logged_with_its_request_and_reason(
    error: Exception, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """ASVS V16.2.1, V16.3.2, V16.3.3: which request, of what, whose, and why."""
    app(raising(error))(event())
    told = {record.message: vars(record) for record in caplog.records}
    line, request = told[message], told["request"]
    for name in ("request_id", "method", "resource", "member"):
        assert line[name] == request[name]
    assert line["resource"] == "/member/login"
    assert line.get("why") or line["error"]


def test_waiting_is_told_in_minutes_and_to_machines_in_seconds() -> None:
    answer = app(raising(TooManyTries(61)))(event())
    assert answer["multiValueHeaders"]["Retry-After"] == ["61"]
    assert "あと2分お待ちください" in answer["body"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"resource": "/{proxy+}"}, 404),
        ({"httpMethod": "PUT"}, 405),
        ({"httpMethod": "HEAD"}, 405),
        ({"body": "%%%", "isBase64Encoded": True}, 400),
        ({"multiValueHeaders": None, "queryStringParameters": None}, 200),
    ],
    ids=str,
)
def test_a_request_is_answered_by_what_it_asks(changes: dict[str, Any], status: int) -> None:
    assert app(fine)(event(**changes))["statusCode"] == status


def test_an_event_of_another_shape_still_gets_an_answer() -> None:
    assert app(fine)({})["statusCode"] == 500


def test_a_post_needs_origin_and_token() -> None:
    form = app(fine, "POST")
    assert form(posted(b"", origin="https://evil.example"))["statusCode"] == 403
    assert form(posted(b"", origin=ORIGIN))["statusCode"] == 403
    assert form(posted(b"csrf=a&csrf=b", origin=ORIGIN))["statusCode"] == 400


def test_a_post_from_a_page_of_ours_is_taken_and_no_other() -> None:
    society = load_society()
    own = DictLoader({"form.html": '<form method="post">{{ csrf_field() }}</form>'})
    renderer = Renderer(lambda: society, ChoiceLoader([own, FileSystemLoader(TEMPLATES)]))
    routes = [
        Route("GET", "/form", Gate.PUBLIC, lambda asked: renderer.page(asked, "form.html")),
        Route("POST", "/form", Gate.PUBLIC, fine),
    ]
    portal = App(config(), MemoryDatabase(), FixedClock(), renderer, routes)
    browser, stranger = Browser(portal), Browser(portal)
    browser.get("/form")
    assert browser.post("/form").status == 200
    stranger.get("/form")
    stranger.token = browser.token
    assert stranger.post("/form").status == 403
    assert stranger.post("/form", token=False).status == 403


# Headers


@pytest.mark.parametrize(
    "handle",
    [fine, raising(NotFound()), raising(RuntimeError())],
    ids=["answer", "refusal", "fault"],
)
def test_every_answer_carries_the_headers(handle: Callable[[Request], Response]) -> None:
    headers = app(handle)(event())["multiValueHeaders"]
    assert headers["Content-Security-Policy"] == [POLICY]
    assert headers["Cache-Control"] == ["no-store"]
    assert headers["X-Content-Type-Options"] == ["nosniff"]
    assert headers["X-Frame-Options"] == ["DENY"]
    assert headers["Referrer-Policy"] == ["same-origin"]
    assert headers["Strict-Transport-Security"][0].startswith("max-age=63072000")
    assert headers["Cross-Origin-Opener-Policy"] == ["same-origin"]
    assert headers["Cross-Origin-Resource-Policy"] == ["same-origin"]
    assert headers["Content-Type"] == ["text/html; charset=utf-8"]


def test_a_handlers_own_header_wins() -> None:
    own = app(lambda _: Response(200).with_header("Cache-Control", "private"))(event())
    assert own["multiValueHeaders"]["Cache-Control"] == ["private"]


def test_the_policy_allows_the_one_style_and_script_and_nothing_else() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": source_hash(STYLE),
        "script-src": source_hash(SCRIPT),
        "img-src": "data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert "unsafe" not in POLICY


def test_a_hash_is_written_as_the_standard_writes_it() -> None:
    """The example of CSP Level 2, section 4.2.5 (W3C)."""
    expected = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    assert source_hash("alert('Hello, world.');") == expected


def test_even_an_answer_that_cannot_be_written_becomes_an_apology() -> None:
    """A header with a line break is refused when the answer is written, after every page."""
    answer = app(lambda _: fine(_).with_header("X-Broken", "a\nb"))(event())
    assert answer["statusCode"] == 500
    assert "申し訳ありません" in answer["body"]
    assert "Content-Security-Policy" in answer["multiValueHeaders"]
