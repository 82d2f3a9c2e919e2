"""From a mail that came back to the banner, and from a test that arrives to its end.

MiniStack's SES tells nothing, so the mailbox page's buttons do (local/mail_events.py); everything
after that is deployed: the function under its own role, the tables, the pages.
"""

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import Answer
from tests.stack.paying import Payer
from tests.stackfixture import LocalStack

BANNER = "登録のメールアドレスに、お知らせメールが届いていません。"
BUTTON = "テストメールを送る"
SEE = "結果を見る"


@pytest.fixture
def payer(local_stack: LocalStack) -> Payer:
    return Payer.signed_in(local_stack)


def pressed(payer: Payer, button: str, backstage: Backstage) -> Answer:
    """Send a test mail and return the page that shows its answer, once SES has taken it."""
    page = payer.client.submit(payer.client.get("/member/mail-test"), {}, button=button)
    assert page.status == 303
    backstage.quiet()
    return payer.client.follow(page)


def test_a_bounce_puts_up_the_banner_and_an_arrival_takes_it_down(
    payer: Payer, backstage: Backstage
) -> None:
    answer = pressed(payer, BUTTON, backstage)
    assert "送信しました" in answer.text
    backstage.became(payer.address, "bounced")

    answer = payer.client.get(answer.link(SEE))
    assert "テストメールは届きませんでした。" in answer.text
    assert "このメールアドレスは存在しない" in answer.text
    for path in ("/member", "/member/profile"):
        assert BANNER in payer.client.get(path).text

    answer = pressed(payer, BUTTON, backstage)
    backstage.became(payer.address, "delivered")
    answer = payer.client.get(answer.link(SEE))
    assert "テストメールが届きました。" in answer.text
    assert BANNER not in payer.client.get("/member").text


def test_to_an_address_that_came_back_no_notice_is_sent(payer: Payer, backstage: Backstage) -> None:
    pressed(payer, BUTTON, backstage)
    backstage.became(payer.address, "bounced")
    before = len(backstage.mails(payer.address))

    form = {"current_password": payer.person.password, "new_password": "Momiji2026xyz"}
    page = payer.client.get("/member/password")
    done = payer.client.submit(page, {**form, "confirm_password": "Momiji2026xyz"}, button="変更")
    assert done.status == 303

    assert len(backstage.mails(payer.address)) == before
