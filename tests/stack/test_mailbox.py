"""The mailbox shows what the portal's mailer handed to SES."""

import json
import time
from urllib.parse import urlsplit

from tests.stack.client import Client
from tests.stackfixture import LocalStack

WAIT_SECONDS = 20


def test_a_requested_reset_mail_can_be_read(local_stack: LocalStack, client: Client) -> None:
    """Page, outbox, stream, mailer, SES and mailbox in one line, with IAM enforced."""
    member = local_stack.new_member("unpaid")
    address = member.record["email"]

    page = client.get("/member/password/forgot")
    wish = {"member_no": member.member_no, "email": address}
    client.submit(page, wish, button="再設定メールを送る")

    mail = mail_to(local_stack, address)
    assert set(mail) == {"to", "subject", "text", "sent_at"}
    assert f"{local_stack.portal}/member/password/reset/" in mail["text"]


def test_the_page_shows_the_mails_with_links(local_stack: LocalStack) -> None:
    page = mailbox(local_stack).get("/")

    assert page.status == 200
    assert "送信メール" in page.text


def mail_to(local_stack: LocalStack, address: str) -> dict[str, str]:
    """Wait for the newest mail to *address*."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = mailbox(local_stack).get("/?format=json")
        rows: list[dict[str, str]] = json.loads(answer.body)
        for row in rows:
            if row["to"] == address:
                return row
        time.sleep(0.3)
    raise AssertionError(f"no mail to {address} within {WAIT_SECONDS} s")


def mailbox(local_stack: LocalStack) -> Client:
    """A client of the mailbox, which is a server of its own."""
    return Client(urlsplit(local_stack.mailbox).netloc, local_stack.mailbox)
