"""Whatever is sent, the answer is a clear one, never a 500, and nothing has changed."""

from collections.abc import Mapping

import pytest

from tests.stack.client import FORM, Answer
from tests.stack.forms import BAD, MARKUP, ROWS, Who, bodies
from tests.stack.paying import Payer
from tests.stack.world import World, stranger
from tests.stackfixture import LocalStack
from tests.unit.template.loading import events, functions, load

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
ROUTES = sorted(
    (event["Method"].upper(), event["Path"])
    for properties in functions(load()).values()
    for event in events(properties, "Api")
)
BY_PATH = {row.path: row for row in ROWS}
FIELDS = [(row.path, one.name) for row in ROWS for one in row.fields]
GUARDED = sorted(row.path for row in ROWS if row.guarded)
PATHS = sorted({path for _, path in ROUTES if "{proxy+}" not in path})
OF_ONE_INVOICE = [(method, path) for method, path in ROUTES if "{invoice_id}" in path]
MEMBERS_ONLY = [
    (method, path)
    for method, path in ROUTES
    if method in ("GET", "POST")
    and (path.startswith(("/member/profile", "/member/billing/{")) or path == "/member")
]


def assert_clear(answer: Answer) -> None:
    """A page in the portal's look, or a redirect; never a 5xx, never the input as markup."""
    assert 300 <= answer.status < 500, (answer.status, answer.path)
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-content-type-options") == "nosniff"
    assert MARKUP not in answer.html
    if answer.status >= 400:
        assert answer.header("content-type").startswith("text/html")
        assert "お問い合わせ" in answer.text


def test_every_post_route_of_the_template_has_a_row() -> None:
    assert {path for method, path in ROUTES if method == "POST"} == set(BY_PATH)


# Fields


@pytest.mark.parametrize(("path", "name"), FIELDS)
def test_a_spoilt_field_is_refused_and_nothing_changes(world: World, path: str, name: str) -> None:
    """Empty, too long, control characters, emoji, markup, wrong type, twice, missing."""
    row = BY_PATH[path]
    [field] = (one for one in row.fields if one.name == name)
    before = world.seen()

    answers = {what: world.send(row, body) for what, body in bodies(field, world.form(row)).items()}

    wrong = {what: one.status for what, one in answers.items() if one.status not in row.refused}
    assert wrong == {}
    if path == "/gmo/notification":
        assert {answer.body for answer in answers.values()} == {b"0"}
    else:
        for answer in answers.values():
            assert_clear(answer)
    assert world.seen() == before


@pytest.mark.parametrize("path", sorted(row.path for row in ROWS if row.fields and row.guarded))
def test_a_form_that_is_too_big_is_refused(world: World, path: str) -> None:
    row, before = BY_PATH[path], world.seen()

    for body in (b"x=" + b"a" * 1_000_000, b"&".join(b"f%d=1" % n for n in range(200))):
        answer = world.send(row, body)
        assert answer.status == 400
        assert_clear(answer)
    assert world.seen() == before


def test_what_is_typed_is_kept_but_never_a_password(world: World) -> None:
    login = BY_PATH["/member/login"]
    form = world.form(login) | {"member_no": "12 ab", "password": "Himitsu2026"}

    answer = world.client(Who.GUEST).post("/member/login", form)

    assert answer.form(button="ログイン").fields["member_no"] == "12 ab"
    assert "Himitsu2026" not in answer.html


def test_markup_in_a_free_text_is_shown_as_text(local_stack: LocalStack) -> None:
    payer = Payer.signed_in(local_stack)
    edit = payer.client.get("/member/profile/edit")

    saved = payer.client.submit(
        edit, {"workplace": MARKUP, "street": "1 & \"2\" '3'"}, button="保存"
    )

    assert saved.status == 303
    for path in ("/member/profile", "/member/profile/edit"):
        page = payer.client.get(path)
        assert MARKUP not in page.html
        assert page.html.count("<script>") == 1


@pytest.mark.parametrize("missing", [False, True])
def test_what_is_optional_is_emptied_by_an_empty_field_and_kept_by_a_missing_one(
    local_stack: LocalStack, missing: bool
) -> None:
    """A browser sends every field; one that is missing is no wish to have it forgotten."""
    payer = Payer.signed_in(local_stack)
    optional = ("building", "mobile", "workplace", "department")
    form = payer.client.get("/member/profile/edit").form(action="/member/profile/edit")
    kept = {name: text for name, text in form.fields.items() if name not in optional}

    emptied = {} if missing else dict.fromkeys(optional, "")
    answer = payer.client.post("/member/profile/edit", {**kept, **emptied, "action": "save"})

    assert answer.status == 303
    stored = payer.client.get("/member/profile/edit").form(action="/member/profile/edit").fields
    was = payer.person.record
    assert {name: stored[name] for name in was} == was | emptied


# Who sends it


@pytest.mark.parametrize("path", GUARDED)
def test_a_form_that_did_not_come_from_a_page_of_ours_is_refused(world: World, path: str) -> None:
    row, before = BY_PATH[path], world.seen()
    form = {one.name: one.good for one in row.fields}
    other = {"csrf": stranger(world.stack).get("/member/login").forms[0].fields["csrf"]}
    mine = {"csrf": world.csrf(row.who)}
    portal = {"Origin": world.stack.portal}

    refusals: list[tuple[Mapping[str, str], Mapping[str, str]]] = [
        (mine, {"Origin": "https://evil.example"}),
        (mine, {"Origin": "null"}),
        (mine, {"Origin": world.stack.gmo}),
        (mine, {**portal, "Sec-Fetch-Site": "cross-site"}),
        (mine, {**portal, "Sec-Fetch-Site": "same-site"}),
        (mine, {**portal, "Sec-Fetch-Site": "none"}),
        ({}, portal),
        ({"csrf": ""}, portal),
        ({"csrf": "0" * 64}, portal),
        ({"csrf": BAD["emoji"]}, portal),
        (other, portal),
    ]
    for token, headers in refusals:
        answer = world.client(row.who).post(world.path(row), {**form, **token}, headers)
        assert answer.status == 403, (token, headers)
        assert_clear(answer)
    assert world.seen() == before


@pytest.mark.parametrize(("method", "path"), MEMBERS_ONLY)
def test_without_a_session_every_page_of_a_member_leads_to_the_door(
    world: World, method: str, path: str
) -> None:
    target = path.replace("{invoice_id}", world.payer.invoice_id)
    visitor = stranger(world.stack)
    for cookie in ("", "x", "a.b", ".", "é", "0" * 26 + "." + "A" * 43, "x" * 4_000):
        visitor.cookies = {"__Host-session": cookie} if cookie else {}
        answer = visitor.request(method, target, b"" if method == "POST" else None)
        assert (answer.status, answer.location) == (303, "/member/login"), cookie
        assert answer.body == b""


@pytest.mark.parametrize(("method", "path"), OF_ONE_INVOICE)
def test_other_members_invoices_and_those_of_nobody_do_not_exist(
    world: World, method: str, path: str
) -> None:
    """The answer is the same for both, so nobody learns which invoices there are."""
    before = world.seen()
    for who, theirs in ((world.payer, world.paid), (world.paid, world.payer)):
        csrf = who.client.get("/member/contact").forms[0].fields["csrf"]
        body = f"csrf={csrf}&method=card&addressee=self".encode()
        ids = (theirs.invoice_id, "0" * 16, "return", "INV", "a" * 500, "%00", "%F0%9F%98%80", "..")
        for invoice_id in ids:
            target = path.replace("{invoice_id}", invoice_id)
            sent = body if method == "POST" else None
            answer = who.client.request(method, target, sent, {"Content-Type": FORM})
            assert answer.status == 404, (target, answer.status)
            assert_clear(answer)
    assert world.seen() == before


# Addresses and methods


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/member/nowhere",
        "/member/loginn",
        "/.env",
        "/wp-login.php",
        "/member/billing/0000000000000000/receipt.pdf/more",
        "/member/%2e%2e/%2e%2e/etc/passwd",
        "/member/%F0%9F%98%80",
        "/member/%FF%FE",
        f"/{'a' * 4_000}",
        f"/{MARKUP}",
        "/gmo",
        "/gmo/notification/more",
        "/_standin/orders",
    ],
)
def test_an_unknown_page_is_a_404_in_the_portals_look(world: World, path: str) -> None:
    for who in (Who.GUEST, Who.MEMBER):
        answer = world.client(who).get(path.replace("<", "%3C").replace(">", "%3E"))
        assert answer.status == 404
        assert_clear(answer)


@pytest.mark.parametrize("token", ["x", "A" * 43, "a" * 2_000, "%00", "%F0%9F%98%80", "..", "a.b"])
def test_a_reset_link_that_is_none_says_so(world: World, token: str) -> None:
    shown = world.guest.get(f"/member/password/reset/{token}")
    form = {"csrf": world.csrf(Who.GUEST), "new_password": "Momiji2026xyz"}
    sent = world.guest.post(
        f"/member/password/reset/{token}", {**form, "confirm_password": "Momiji2026xyz"}
    )

    for answer in (shown, sent):
        assert answer.status == 404
        assert "このリンクは使えません" in answer.text or "ページが見つかりません" in answer.text


@pytest.mark.parametrize("token", ["x", "A" * 43, "a" * 2_000, "%00", "%F0%9F%98%80", "..", "a.b"])
def test_an_addresss_link_that_is_none_says_so(world: World, token: str) -> None:
    shown = world.guest.get(f"/member/email/{token}")
    sent = world.guest.post(f"/member/email/{token}", {"csrf": world.csrf(Who.GUEST)})

    for answer in (shown, sent):
        assert answer.status == 404
        assert "このリンクは使えません" in answer.text or "ページが見つかりません" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_a_page_does_not_have_does_nothing(world: World, path: str) -> None:
    before = world.seen()
    filled = world.filled(path)
    for method in METHODS:
        if (method, path) not in ROUTES:
            answer = world.payer.client.request(
                method, filled, b"x=1" * (method in ("PUT", "POST"))
            )
            # At "/" the gateway answers by itself, and MiniStack's does not wear the portal's look.
            # An unlisted POST or GET of a page is a page that does not exist; others no page has.
            refused = 404 if method in ("GET", "POST") else 405
            assert answer.status == (403 if path == "/" else refused), method
            if answer.status == 405:
                assert answer.header("allow") == "GET, POST"
    assert world.seen() == before


@pytest.mark.parametrize(
    "query", [f"invoice={MARKUP}", "invoice=//evil.example", "invoice=%00", "invoice=%FF", "=&=&="]
)
def test_an_address_with_a_strange_query_is_answered_clearly(world: World, query: str) -> None:
    query = query.replace("<", "%3C").replace(">", "%3E")
    for path in ("/member/profile/edit", "/member/login", "/member/password/forgot", "/member"):
        answer = world.payer.client.get(f"{path}?{query}")
        assert answer.status in (200, 400)
        assert MARKUP not in answer.html
