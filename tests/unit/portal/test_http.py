"""Requests as they come from the gateway, forms, cookies, and answers on their way back."""

import base64

import pytest

from portal.web.errors import BadRequest
from portal.web.http import (
    BODY_LIMIT,
    FIELD_LIMIT,
    Response,
    parse_cookies,
    parse_event,
    parse_form,
    redirect,
    to_gateway,
)
from tests.unit.portal.web import NOW, event, posted, request


def test_headers_are_found_by_their_names_in_lower_case() -> None:
    found = request(multiValueHeaders={"User-Agent": ["x" * 999], "X-A": ["1", "2"]})
    assert found.user_agent == "x" * 300
    assert found.headers["x-a"] == "1, 2"


@pytest.mark.parametrize("absent", ["multiValueHeaders", "pathParameters", "queryStringParameters"])
def test_what_the_gateway_leaves_out_is_empty(absent: str) -> None:
    found = request(**{absent: None})
    assert (found.headers, found.params, found.query) == ({}, {}, {})


def test_a_path_is_made_of_the_resource_and_never_of_the_raw_path() -> None:
    found = request(
        resource="/member/billing/{invoice_id}",
        path="/prod/somewhere else",
        pathParameters={"invoice_id": "../a b?x=1#é"},
        multiValueHeaders={"Host": ["evil.example"]},
    )
    assert found.path == "/member/billing/..%2Fa%20b%3Fx%3D1%23%C3%A9"


def test_the_reference_is_the_beginning_of_the_requests_id() -> None:
    assert request().reference == "0F1E2D3C"


def test_a_body_is_decoded_to_bytes_as_they_were_sent() -> None:
    assert parse_event(posted(b"\x82\x60\x00"), NOW).body == b"\x82\x60\x00"
    assert request(body="本文").body == "本文".encode()
    assert request().body == b""


@pytest.mark.parametrize("body", ["%%%", "YQ", "YQ==YQ==", "本文"])
def test_a_body_that_is_no_base64_is_refused(body: str) -> None:
    with pytest.raises(BadRequest):
        parse_event(event(body=body, isBase64Encoded=True), NOW)


def test_a_route_without_a_session_has_nobody_signed_in() -> None:
    with pytest.raises(LookupError):
        _ = request().signed_in


# Forms


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"a=1&b=", {"a": "1", "b": ""}),
        (b"a=1&", {"a": "1"}),
        (b"a", {"a": ""}),
        (b"a=x+y%2Bz", {"a": "x y+z"}),
        (b"a=%E5%B1%B1%E7%94%B0", {"a": "山田"}),
        (b"a=%F0%A0%AE%B7", {"a": "𠮷"}),
        (b"a=1%0D%0A2%0A3", {"a": "1\n2\n3"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=%zz", {"a": "%zz"}),
        (b"a==b", {"a": "=b"}),
        (b"a=%3Cscript%3E", {"a": "<script>"}),
    ],
)
def test_a_form_is_read_as_browsers_write_it(body: bytes, fields: dict[str, str]) -> None:
    assert dict(parse_form(body)) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a=1&%61=2",
        b"a=%FF",
        b"a=%82%60",
        b"a=%ED%A0%80",
        "a=山".encode(),
        b"a=%00",
        b"%00=a",
        b"a=" + b"x" * BODY_LIMIT,
        b"&".join(b"f%d=" % n for n in range(FIELD_LIMIT + 1)),
    ],
    ids=[
        "twice",
        "twice, once encoded",
        "no UTF-8",
        "Shift_JIS",
        "half of a pair",
        "bare bytes",
        "NUL in a value",
        "NUL in a name",
        "too long",
        "too many fields",
    ],
)
def test_no_browser_of_ours_sends_this(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_form(body)


def test_a_form_at_its_limits_is_read() -> None:
    assert len(parse_form(b"&".join(b"f%d=" % n for n in range(FIELD_LIMIT)))) == FIELD_LIMIT
    assert len(parse_form(b"a=" + b"x" * (BODY_LIMIT - 2))["a"]) == BODY_LIMIT - 2


def test_an_error_about_a_form_does_not_quote_it() -> None:
    with pytest.raises(BadRequest) as error:
        parse_form(b"password=Midori77%23&password=x")
    assert "Midori" not in str(error.value)


# Cookies


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1;b=2;", {"a": "1", "b": "2"}),
        ("a=1, b=2", {"a": "1", "b": "2"}),
        ("a=1; a=2", {"a": "1"}),
        ("a=x=y==", {"a": "x=y=="}),
        ("a; b=2", {"b": "2"}),
        ("  a = 1 ", {"a ": " 1"}),
    ],
)
def test_cookies_are_read_the_first_of_a_name_counts(header: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(header) == cookies


# Answers


def test_an_answer_has_each_header_once_and_every_cookie() -> None:
    response = Response(200, "x").with_header("Set-Cookie", "a=1").with_header("Set-Cookie", "b=2")
    answer = to_gateway(response.with_header("X", "own"), (("X", "general"), ("Y", "y")))
    assert answer["multiValueHeaders"] == {
        "Content-Type": ["text/html; charset=utf-8"],
        "Set-Cookie": ["a=1", "b=2"],
        "X": ["own"],
        "Y": ["y"],
    }
    assert (answer["statusCode"], answer["body"], answer["isBase64Encoded"]) == (200, "x", False)


def test_bytes_travel_as_base64() -> None:
    answer = to_gateway(Response(200, b"%PDF\xff", content_type="application/pdf"), ())
    assert answer["isBase64Encoded"]
    assert base64.b64decode(answer["body"]) == b"%PDF\xff"


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b=c", "a\nb", "a\rb"])
def test_no_header_can_be_broken_into_two(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        to_gateway(Response(200).with_header("X", value), ())


def test_a_redirect_is_a_303_inside_the_portal() -> None:
    response = redirect("/member")
    assert (response.status, response.headers) == (303, (("Location", "/member"),))


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "", "member"])
def test_a_redirect_leads_nowhere_else(path: str) -> None:
    with pytest.raises(ValueError, match="inside the portal"):
        redirect(path)


@pytest.mark.parametrize("path", ["/\\evil.example", "/\t/evil.example"])
def test_a_redirect_does_not_trust_what_browsers_take_for_a_slash(path: str) -> None:
    """Browsers read a backslash as a slash and drop tabs, so both would lead to another host."""
    with pytest.raises(ValueError, match="inside the portal"):
        redirect(path)


def test_the_address_is_the_gateways_word_and_no_headers() -> None:
    """Else anybody could choose the network whose failures are counted."""
    forged = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP")
    made = request(multiValueHeaders={name: ["203.0.113.99"] for name in forged})
    assert made.source_ip == "192.0.2.10"
