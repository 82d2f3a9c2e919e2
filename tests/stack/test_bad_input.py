"""Whatever is sent, the answer is a clear one, never a 500, and nothing has changed."""

from collections.abc import Mapping

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import FORM, Answer, Client
from tests.stack.forms import BAD, ROWS, Who, bodies
from tests.stack.paying import CARD, Gmo, Payer
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

MARKUP = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def world(local_stack: LocalStack) -> World:
    """One world for all cases, as none of them may change it."""
    return World.made(local_stack, Backstage(local_stack))


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


# The two doors that others post to


@pytest.fixture
def linked(local_stack: LocalStack) -> tuple[Payer, str]:
    """A member who chose the card, with the link to GMO's page."""
    payer = Payer.signed_in(local_stack)
    return payer, payer.chosen("card")


def _notification(shop_id: str, order_id: str, **changed: str) -> bytes:
    fields = {
        "ShopID": shop_id,
        "OrderID": order_id,
        "Status": "CAPTURE",
        "JobCd": "CAPTURE",
        "Amount": "10000",
        "Tax": "0",
        "Currency": "JPN",
        "PayType": "0",
        "ErrCode": "",
        "ErrInfo": "",
    }
    return "&".join(f"{name}={value}" for name, value in (fields | changed).items()).encode()


def test_a_delivery_of_any_kind_is_taken_in_and_changes_nothing(
    linked: tuple[Payer, str],
    gmo: Gmo,
    backstage: Backstage,
    client: Client,
    local_stack: LocalStack,
) -> None:
    """GMO stops sending at `0`; whatever it was, it is kept and only GMO's own answer counts."""
    payer, link = linked
    order_id = gmo.order_of(link)["order_id"]
    other = gmo.order_of(Payer.signed_in(local_stack).chosen("card"))["order_id"]
    shop_id = local_stack.aws.settings_of_functions()["GMO_SHOP_ID"]

    def said(order: str = order_id, **changed: str) -> bytes:
        return _notification(shop_id, order, **changed)

    before = payer.statement(), payer.invoice()
    deliveries = [
        (b"", FORM),
        (b"x" * 1_000_000, FORM),
        (said() + b"&Filler=" + b"a" * 1_000_000, FORM),
        (said("注文").decode().encode("cp932"), FORM),
        ("Status=CAPTURE&名前=髙﨑".encode("cp932"), f"{FORM};charset=Windows-31J"),
        (said("D26-0000000000000000"), FORM),
        (said(other), FORM),
        (said(Amount="1"), FORM),
        (said(Amount="-10000", Tax="x"), FORM),
        (said(Tax="999"), FORM),
        (said(ShopID="tshop99999999"), FORM),
        (said(PayType="3", Status="PAYSUCCESS"), FORM),
        (said(PayType="45"), FORM),
        (said(Currency="USD"), FORM),
        (said(AccessID="f" * 32), FORM),
        (said(TranDate="20160401120000"), FORM),
        (said(Status="RETURN"), FORM),
        (said() + said(), FORM),
        (b'{"OrderID": "x"}', "application/json"),
        (b"\x00\xff\xfe\x80" * 100, "application/octet-stream"),
    ]

    for body, kind in deliveries:
        answer = client.request("POST", "/gmo/notification", body, {"Content-Type": kind})
        assert (answer.status, answer.body) == (200, b"0"), body[:60]
        assert answer.header("content-type").startswith("text/plain")

    assert client.get("/gmo/notification").status == 404
    backstage.quiet()
    assert (payer.statement(), payer.invoice()) == before
    assert backstage.mails(payer.address) == []
    gmo.fill_in(link, CARD)
    payer.await_text("支払済")


def test_a_return_that_is_not_signed_leads_to_the_statement(
    linked: tuple[Payer, str], gmo: Gmo, backstage: Backstage
) -> None:
    payer, link = linked
    gmo.faults(notifications="drop")
    result = payer.result(gmo.fill_in(link, CARD))
    content, _, signature = result.rpartition(".")
    before = payer.statement()
    forged = [
        "",
        content,
        f"{content}.{'0' * 64}",
        f"{content}x.{signature}",
        f".{signature}",
        result + "\n",
        result * 200,
        BAD["emoji"],
        MARKUP,
    ]

    for one in forged:
        answer = payer.bring_back(one)
        assert (answer.status, answer.location) == (303, "/member/billing"), one[:60]
    backstage.quiet()
    assert payer.statement() == before


def test_a_return_told_again_changes_nothing(
    linked: tuple[Payer, str], gmo: Gmo, backstage: Backstage
) -> None:
    payer, link = linked
    early = payer.result(gmo.open(link))
    late = payer.result(gmo.fill_in(link, CARD))
    assert payer.bring_back(late).location == payer.path
    payer.await_text("支払済")
    before = payer.statement(), payer.invoice()

    for result in (early, late, late):
        answer = payer.bring_back(result)
        assert (answer.status, answer.location) == (303, payer.path)
    backstage.quiet()

    assert (payer.statement(), payer.invoice()) == before
    assert len(backstage.mails(payer.address)) == 1


def test_a_return_does_not_show_an_invoice_to_somebody_else(
    linked: tuple[Payer, str], gmo: Gmo, local_stack: LocalStack
) -> None:
    """The signature tells of an order, not of who is calling: the page asks for the session."""
    payer, link = linked
    back = payer.bring_back(payer.result(gmo.open(link)))

    assert stranger(local_stack).follow(back).location == "/member/login"
    assert Payer.signed_in(local_stack).client.follow(back).status == 404
