"""A form is taken from the browser it was made for, and from a page of ours."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from portal.web import csrf
from portal.web.errors import BadRequest, Forbidden
from portal.web.http import Request, parse_event
from tests.unit.portal.web import NOW, posted, request, session

ORIGIN = "https://jgets-member.net"


def sent(token: str | None, cookie: str = "", *, signed_in: bool = False) -> Request:
    fields = {} if token is None else {csrf.FIELD: token}
    headers = {"Cookie": f"{csrf.COOKIE}={cookie}"} if cookie else {}
    made = parse_event(posted(urlencode(fields).encode(), **headers), NOW)
    return replace(made, session=session()) if signed_in else made


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin"},
        {"origin": ORIGIN},
        {"sec_fetch_site": "same-origin", "origin": "null"},
    ],
    ids=str,
)
def test_a_page_of_ours_may_post(headers: dict[str, str]) -> None:
    csrf.check_origin(parse_event(posted(b"", **headers), NOW), ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": ""},
        {"sec_fetch_site": "cross-site", "origin": ORIGIN},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://jgets-member.net"},
        {"origin": f"{ORIGIN}:8443"},
        {"origin": f"{ORIGIN}.evil.example"},
        {"origin": "https://evil.example"},
    ],
    ids=str,
)
def test_another_origin_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        csrf.check_origin(parse_event(posted(b"", **headers), NOW), ORIGIN)


def test_signed_in_the_sessions_token_opens_behind_any_mask() -> None:
    tokens = {csrf.signed_in_token(session().csrf) for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        csrf.check_token(sent(token, signed_in=True))


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "0" * 64,
        session().csrf,
        session().csrf * 2,
        csrf.signed_in_token("ff" * 16),
        csrf.signed_in_token(session().csrf)[:-1],
        csrf.signed_in_token(session().csrf).upper() + "x",
        "会" * 64,
    ],
    # Masks are random; a test's name must be the same in every process.
    ids=[
        "none",
        "empty",
        "zeros",
        "the bare secret",
        "the secret twice",
        "another session's",
        "cut short",
        "too long",
        "no ascii",
    ],
)
def test_signed_in_any_other_token_is_refused(token: str | None) -> None:
    with pytest.raises(Forbidden):
        csrf.check_token(sent(token, signed_in=True))


def test_signed_out_the_forms_token_belongs_to_the_cookie() -> None:
    token, cookie = csrf.signed_out_token(request())
    assert cookie is not None
    name, _, rest = cookie.partition("=")
    value, *attributes = rest.split("; ")
    assert name == csrf.COOKIE
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    csrf.check_token(sent(token, value))
    again = csrf.signed_out_token(sent(None, value))
    assert again == (token, None)


@pytest.mark.parametrize("token", [None, "", "x", "会", "0" * 64])
def test_signed_out_any_other_token_is_refused(token: str | None) -> None:
    with pytest.raises(Forbidden):
        csrf.check_token(sent(token, "A" * 43))


def test_signed_out_without_the_cookie_nothing_opens() -> None:
    token, _ = csrf.signed_out_token(request())
    with pytest.raises(Forbidden):
        csrf.check_token(sent(token))
    with pytest.raises(Forbidden):
        csrf.check_token(sent(""))


@pytest.mark.parametrize("cookie", ["", "x", "A" * 42, "A" * 44, "あ" * 43, "A" * 42 + "="])
def test_a_cookie_of_another_shape_is_replaced(cookie: str) -> None:
    _, fresh = csrf.signed_out_token(sent(None, cookie))
    assert fresh is not None


def test_a_signed_out_token_does_not_open_a_session_nor_the_other_way() -> None:
    token, cookie = csrf.signed_out_token(request())
    assert cookie is not None
    value = cookie.partition("=")[2].split(";")[0]
    with pytest.raises(Forbidden):
        csrf.check_token(sent(token, value, signed_in=True))
    with pytest.raises(Forbidden):
        csrf.check_token(sent(csrf.signed_in_token(session().csrf), value))


def test_a_token_sent_twice_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        csrf.check_token(parse_event(posted(b"csrf=a&csrf=b"), NOW))
