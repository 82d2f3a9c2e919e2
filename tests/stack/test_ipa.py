"""The 13 checks of IPA's ウェブ健康診断仕様 (2012), A to M, on the deployed stack.

Each check's inputs are the specification's; what it takes as a sign of weakness is asserted to be
absent. Where another test of this folder goes deeper, it is named.
"""

import re
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import FORM, Answer, Client
from tests.stack.forms import ROWS, Row, Who
from tests.stack.inputs import sent
from tests.stack.world import World, stranger
from tests.stackfixture import LocalStack

WITH_FIELDS = [row for row in ROWS if row.fields and row.path != "/gmo/notification"]
PAGES = ("/member", "/member/profile", "/member/profile/edit", "/member/billing", "/member/help")
SLOW = 10.0
"""Seconds; the specification's command sleeps for twenty."""


def path_of(value: object) -> str | None:
    return value.path if isinstance(value, Row) else None


# A SQL, B script, D command, F mail header, G path, I HTTP header: inputs of every form


@pytest.mark.parametrize("row", WITH_FIELDS, ids=path_of)
def test_a_b_d_f_g_i_inputs_are_texts_and_nothing_else(
    world: World, backstage: Backstage, row: Row
) -> None:
    inputs = {
        "A": ("'", "' and 'a'='a", "1 and 1=0"),
        "B": ("'>\"><hr>", "<script>alert(document.cookie)</script>", "javascript:alert(1);"),
        "D": ("../../../../../../../bin/sleep 20|", ";/bin/sleep 20"),
        "F": ("a@example.jp\r\nTo: b@example.jp", "a@example.jp\nBcc: b@example.jp"),
        "G": ("../../../../../../../etc/hosts", "../../../../../../../etc/hosts\0"),
        "I": ("x\r\nSet-Cookie: test=test", "x\nX-Test: test"),
    }
    for check, texts in inputs.items():
        for text in texts:
            started = time.monotonic()
            answers = sent(world, row, text)
            assert time.monotonic() - started < SLOW * len(answers), check
            for answer in answers:
                assert_unharmed(check, answer)
    assert not [mail for mail in backstage.mailbox() if mail["to"] == "b@example.jp"]


def assert_unharmed(check: str, answer: Answer) -> None:
    assert 300 <= answer.status < 500, (check, answer.status, answer.path)
    for sign in ("<hr>", "<script>alert", "Traceback", "SQL", "127.0.0.1\tlocalhost", "ERROR"):
        assert sign not in answer.html, (check, sign)
    assert "javascript:" not in "".join(address for address, _ in answer.links)
    assert not answer.header("x-test")
    assert not any("test=test" in line for line in answer.all_headers("set-cookie"))
    assert answer.header("content-type").endswith("charset=utf-8")


# C CSRF


@pytest.mark.parametrize("row", [row for row in ROWS if row.guarded], ids=path_of)
def test_c_a_form_without_its_token_or_with_anothers_is_refused(world: World, row: Row) -> None:
    """Deeper: test_bad_input.py::test_a_form_that_did_not_come_from_a_page_of_ours_is_refused."""
    form = world.form(row)
    other = stranger(world.stack).get("/member/login").forms[0].fields["csrf"]
    for token in ({}, {"csrf": other}):
        body = urlencode({**{k: v for k, v in form.items() if k != "csrf"}, **token}).encode()
        assert world.send(row, body).status == 403


# E directory listing, G path in the address


@pytest.mark.parametrize(
    "path",
    ["/member/billing/", "/member/password/", "/static/", "/assets/", "/gmo/", "/.git/", "/opt/"],
)
def test_e_no_address_lists_a_folder(world: World, path: str) -> None:
    for who in (Who.GUEST, Who.MEMBER):
        answer = world.client(who).get(path)
        assert answer.status in (200, 303, 404)
        assert not re.search(r"Index of|Directory listing|Parent Directory", answer.html)


@pytest.mark.parametrize("name", ["../../../../etc/hosts", "..\\..\\etc\\hosts", "/etc/hosts%00"])
def test_g_no_address_reads_a_file(world: World, name: str) -> None:
    for path in ("/member/billing/{}/receipt.pdf", "/member/password/reset/{}", "/{}"):
        answer = world.payer.client.get(path.format(quote(name, safe="")))
        assert answer.status == 404
        assert "localhost" not in answer.text


# H redirect


def test_h_no_parameter_leads_to_another_host(world: World) -> None:
    away = (
        "http://www.example.com",
        "//www.example.com",
        "/\\www.example.com",
        "https:example.com",
    )
    names = ("url", "next", "invoice", "return", "sent", "result")
    for target in away:
        for path in ("/", "/member/login", "/member/profile/edit", "/member/password/forgot"):
            query = urlencode(dict.fromkeys(names, target))
            answer = world.payer.client.get(f"{path}?{query}")
            assert answer.location in ("", "/member", "/member/login")
            assert 'http-equiv="refresh"' not in answer.html.lower()
        back = stranger(world.stack).post("/member/billing/return", {"result": target})
        assert back.location == "/member/billing"


# J authentication


def test_j_the_sign_in_page_hides_the_password_and_never_gives_it_back(world: World) -> None:
    guest = stranger(world.stack)
    page = guest.get("/member/login")
    assert re.search(r'<input[^>]*type="password"[^>]*name="password"', page.html) or re.search(
        r'<input[^>]*name="password"[^>]*type="password"', page.html
    )

    wrong = guest.sign_in(world.payer.person.member_no, "Wrong2026ipa")

    assert wrong.status == 422
    assert "Wrong2026ipa" not in wrong.html


def test_j_the_answer_does_not_tell_whether_the_number_or_the_password_is_wrong(
    local_stack: LocalStack,
) -> None:
    known = local_stack.new_member("unpaid").member_no
    texts = []
    for number in (known, "0999999999"[: len(known)]):
        answer = stranger(local_stack).sign_in(number, "Wrong2026ipa")
        # Each page has the number of its own request.
        text = re.sub(r"\b[0-9A-F]{8}\b", "", answer.text.replace(number, ""))
        texts.append((answer.status, text))
    assert texts[0] == texts[1]


def test_j_many_wrong_passwords_have_to_wait(local_stack: LocalStack) -> None:
    member, guest = local_stack.new_member("unpaid"), stranger(local_stack)

    statuses = [guest.sign_in(member.member_no, f"Wrong2026ipa{n}").status for n in range(7)]

    assert statuses[0] == 422
    assert statuses[-1] == 429


# K session


def test_k_the_session_is_new_after_signing_in_guarded_and_not_in_an_address(
    local_stack: LocalStack, client: Client
) -> None:
    """Deeper: test_the_cookies_are_host_only_and_out_of_scripts_reach (contract of signing in)."""
    member = local_stack.new_member("unpaid")
    client.cookies["__Host-session"] = "chosen.by-an-attacker"

    answer = client.sign_in(member.member_no, member.password)

    cookie = client.cookies["__Host-session"]
    assert cookie != "chosen.by-an-attacker"
    [line] = [one for one in answer.all_headers("set-cookie") if "__Host-session" in one]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(line.split("; "))
    for path in PAGES:
        page = client.get(path)
        assert cookie.rpartition(".")[2] not in page.html
        assert not any("session" in address for address, _ in page.links if "?" in address)


def test_k_sessions_are_not_guessable(local_stack: LocalStack) -> None:
    member = local_stack.new_member("unpaid")
    tokens = set()
    for _ in range(3):
        client = Client(local_stack.connect, local_stack.portal)
        client.sign_in(member.member_no, member.password)
        tokens.add(client.cookies["__Host-session"].rpartition(".")[2])
    assert {len(token) for token in tokens} == {43}
    assert len(tokens) == 3


# L access control


def test_l_another_members_pages_do_not_exist(world: World) -> None:
    """Deeper: test_bad_input.py::test_other_members_invoices_and_those_of_nobody_do_not_exist."""
    theirs = world.paid.path
    for path in (theirs, f"{theirs}/payment", f"{theirs}/start", f"{theirs}/receipt.pdf"):
        assert world.payer.client.get(path).status == 404
        assert stranger(world.stack).get(path).location == "/member/login"


def test_l_what_a_member_may_not_change_cannot_be_sent(world: World) -> None:
    edit = next(row for row in ROWS if row.path == "/member/profile/edit")
    extra: Mapping[str, str] = {"member_no": "000001", "qualification": "x", "role": "admin"}
    for name, value in extra.items():
        body = urlencode({**world.form(edit), name: value}).encode()
        answer = world.send(edit, body, {"Content-Type": FORM})
        assert answer.status == 400


# M crawlers


def test_m_a_crawler_meets_no_error_and_changes_nothing(world: World) -> None:
    before, found, waiting = world.seen(), set[str](), ["/member"]
    while waiting:
        path = waiting.pop()
        answer = world.payer.client.get(path)
        assert answer.status in (200, 303), path
        if answer.header("content-type").startswith("text/html"):
            links = {address for address, _ in answer.links if address.startswith("/")}
            waiting += sorted(links - found)
            found |= links
    assert len(found) >= len(PAGES)
    assert world.seen() == before
