"""The deployed portal answers at its own name."""

from tests.stack.client import Client


def test_the_sign_in_page_is_served(client: Client) -> None:
    """The manual, section 1: the page at /member/login asks for number and password."""
    page = client.get("/member/login")

    assert page.status == 200
    assert {"member_no", "password"} <= page.form(button="ログイン").fields.keys()
    assert "会員番号" in page.text


def test_an_unknown_page_is_a_404_in_the_portals_look(client: Client) -> None:
    """Not the gateway's JSON: a member who mistyped an address sees where to go on."""
    page = client.get("/no/such/page")

    assert page.status == 404
    assert page.header("content-type").startswith("text/html")
    assert "ログイン" in page.text
