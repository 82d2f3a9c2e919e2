"""届いていますか on a phone, with and without JavaScript: the test, its answer, the banner."""

from collections.abc import Callable

import pytest

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import Mailbox
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

PAGE = "/member/mail-test"
BANNER = "お知らせメールが届いていません"


@pytest.fixture(params=["phone", "scriptless"])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    """A phone-sized window, once with and once without JavaScript."""
    window: Visitor = request.getfixturevalue(request.param)
    return window


def became(visitor: Visitor, mailbox: Mailbox, address: str, button: str) -> None:
    """Say on the mailbox page what became of the newest mail to *address*."""
    mailbox.waits_for(address, "到着確認")
    visitor.page.goto(mailbox.url)
    article = visitor.page.locator("article", has_text=address).first
    article.get_by_role("button", name=button).click()
    visitor.page.wait_for_load_state("load")


def test_a_test_that_came_back_is_told_and_one_that_arrives_ends_the_banner(
    visitor: Visitor, member: Callable[[str], Person], mailbox: Mailbox
) -> None:
    person = member("unpaid")
    address = person.record["email"]
    steps.signed_in(visitor, person)
    visitor.open("/member/profile")
    visitor.follow("届いていますか（お知らせメールの確認）")
    visitor.at("届いていますか", address, "@jgets.jp", picture="10-mail-test")
    visitor.press("テストメールを送る")
    visitor.at("届いていますか", "テストメールを送", picture="10-mail-on-its-way")
    answer = visitor.page.url

    became(visitor, mailbox, address, "戻ってきた（宛先不明）")
    visitor.page.goto(answer)
    visitor.at("届いていますか", "テストメールは届きませんでした", picture="10-mail-came-back")
    visitor.open("/member")
    visitor.at("メニュー", BANNER, picture="10-mail-banner")
    visitor.follow("届いていますか")
    visitor.at("届いていますか", BANNER)

    visitor.press("テストメールを送る")
    visitor.at("届いていますか", "テストメールを送")
    answer = visitor.page.url
    visitor.reloads_until("送信しました")
    became(visitor, mailbox, address, "届いた")
    visitor.page.goto(answer)
    visitor.at("届いていますか", "テストメールが届きました", picture="10-mail-arrived")
    visitor.open("/member")
    assert BANNER not in visitor.page.locator("main").inner_text()
