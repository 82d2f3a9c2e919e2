"""The contract of signing in and out: cookies, ways, links of mails."""

import re

from tests.stack.backstage import Backstage
from tests.stack.client import Client
from tests.stack.paying import Payer
from tests.stack.world import World
from tests.stackfixture import LocalStack

UNCONFIRMED = "はまだ確認されていません。"


def test_the_cookies_are_host_only_and_out_of_scripts_reach(
    local_stack: LocalStack, client: Client
) -> None:
    page = client.get("/member/login")
    [csrf] = page.all_headers("set-cookie")
    member = local_stack.new_member("unpaid")
    answer = client.sign_in(member.member_no, member.password)
    [session] = answer.all_headers("set-cookie")

    for cookie, shape in (
        (csrf, r"__Host-csrf=[\w-]{43}"),
        (session, r"__Host-session=\w{26}\.[\w-]{43}"),
    ):
        value, *attributes = cookie.split("; ")
        assert re.fullmatch(shape, value)
        assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}


def test_after_signing_out_the_session_is_worth_nothing(
    local_stack: LocalStack, client: Client
) -> None:
    member = local_stack.new_member("unpaid")
    client.sign_in(member.member_no, member.password)
    stolen = dict(client.cookies)

    answer = client.submit(client.get("/member"), {}, button="ログアウト")

    assert answer.location == "/member/login"
    assert "__Host-session" not in client.cookies
    client.cookies = stolen
    assert client.get("/member").location == "/member/login"


def test_the_first_sign_in_shows_the_alert_and_ends_on_the_edit_page(
    local_stack: LocalStack, client: Client
) -> None:
    """The manual, section 2: ① OK ② 新しいパスワード ③ 変更, and section 3: the record."""
    member = local_stack.new_member("first_login")
    page = client.follow(client.sign_in(member.member_no, member.password))
    assert re.search(r"<dialog open[^>]*>\s*<form method=\"dialog\">", page.html)
    assert re.search(r"<button[^>]*>OK</button>", page.html)
    form = page.form(button="変更")
    assert "current_password" not in form.fields
    before = dict(client.cookies)

    new = {"new_password": "Momiji2026xyz", "confirm_password": "Momiji2026xyz"}
    answer = client.submit(page, new, button="変更")

    assert (answer.status, answer.location) == (303, "/member/profile/edit")
    assert client.cookies["__Host-session"] != before["__Host-session"]
    assert client.follow(answer).form(button="保存").action == "/member/profile/edit"
    client.cookies = before
    assert client.get("/member").location == "/member/login"


def test_a_reset_by_mail_signs_in_and_works_once(
    local_stack: LocalStack, client: Client, backstage: Backstage
) -> None:
    """S8: the link of the mail sets a new password, ends all sessions, and is used up by POST."""
    world = World.made(local_stack, backstage)
    path, new = f"/member/password/reset/{world.token}", "Momiji2026xyz"
    form = {"new_password": new, "confirm_password": new}
    page = world.guest.get(path)

    answer = world.guest.submit(page, form, button="変更")

    assert (answer.status, answer.location) == (303, "/member/profile/edit")
    assert world.payer.client.get("/member").location == "/member/login"
    assert "このリンクは使えません" in client.get(path).text
    again = client.submit(client.get("/member/password/forgot"), {}, button="再設定メールを送る")
    assert again.status == 422
    assert client.sign_in(world.payer.person.member_no, new).location == "/member"


def test_a_changed_address_is_confirmed_by_the_link_of_its_mail(
    local_stack: LocalStack, client: Client, backstage: Backstage
) -> None:
    """E13: old and new address are told; until the button is pressed the old one resets."""
    payer = Payer.signed_in(local_stack)
    old, new = payer.address, f"moved-{payer.address}"
    edit = payer.client.get("/member/profile/edit")
    saved = payer.client.follow(payer.client.submit(edit, {"email": new}, button="保存"))
    assert UNCONFIRMED in saved.text
    assert "/member/email/" not in backstage.mails(old)[0]["text"]
    [link] = re.findall(r"/member/email/\S+", backstage.mails(new)[0]["text"])

    again = payer.client.submit(saved, {}, button="確認メールを再送する")
    assert again.location == "/member/profile?sent=1"
    [newest] = re.findall(r"/member/email/\S+", backstage.mails(new)[0]["text"])
    assert "このリンクは使えません" in client.get(link).text
    answer = client.submit(client.get(newest), {}, button="このメールアドレスを確認する")

    assert "メールアドレスを確認しました。" in client.follow(answer).text
    assert client.get(newest).status == 404
    assert UNCONFIRMED not in payer.client.get("/member/profile").text
