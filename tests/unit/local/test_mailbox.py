"""The mailbox: what a person and what a test reads of the mail that was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local import mailbox
from local.mail_events import WAYS, Way
from local.settings import Settings, free_ports


def record(message_id: str, timestamp: float, **given: Any) -> dict[str, Any]:
    """One mail as MiniStack's inspection page tells it."""
    return {
        "MessageId": message_id,
        "Source": "=?utf-8?b?5oqA5bir5Lya?= <info@jgets.jp>",
        "To": ["member001@example.jp"],
        "CC": [],
        "BCC": [],
        "Subject": "お支払い完了のお知らせ",
        "BodyText": "本文 http://jgets-member.localhost:4566/member/billing をご覧ください。",
        "BodyHtml": None,
        "Timestamp": timestamp,
        "Type": "v2.SendEmail",
        **given,
    }


def answer(*records: dict[str, Any]) -> dict[str, Any]:
    """MiniStack's answer with all mails in one account."""
    return {"messages": {"000000000000": list(records)}}


def test_json_has_exactly_the_four_fields() -> None:
    [mail] = mailbox.parse(answer(record("a", 1_800_000_000.25)))

    assert json.loads(mailbox.as_json([mail])) == [
        {
            "to": "member001@example.jp",
            "subject": "お支払い完了のお知らせ",
            "text": mail.text,
            "sent_at": "2027-01-15T08:00:00.250Z",
        }
    ]


def test_the_page_shows_a_mail_as_a_person_reads_it() -> None:
    [mail] = mailbox.parse(answer(record("a", 1_800_000_000)))

    page = mailbox.as_page([mail])

    assert "技師会 &lt;info@jgets.jp&gt;" in page
    assert "2027年01月15日 17:00:00" in page
    link = "http://jgets-member.localhost:4566/member/billing"
    assert f'<a href="{link}">{link}</a> をご覧ください。' in page


def test_markup_in_a_mail_stays_text() -> None:
    [mail] = mailbox.parse(answer(record("a", 1, Subject="<b>", BodyText="<script>&")))

    page = mailbox.as_page([mail])

    assert "<b>" not in page
    assert "&lt;script&gt;&amp;" in page


def test_a_link_ends_before_japanese_text_and_markup() -> None:
    assert mailbox.linked("→https://a.example/x?y=1&z=2。<") == (
        '→<a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>。&lt;'
    )


def test_newest_comes_first_and_survives_a_restart_of_ministack(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    before = answer(record("old", 1), record("new", 2))
    with ministack_with(settings.port, before), mailbox.serving(settings):
        first = _get_json(settings)
    after = answer(record("newest", 3, Subject="三"))
    with ministack_with(settings.port, after), mailbox.serving(settings):
        second = _get_json(settings)

    assert [row["sent_at"][:19] for row in first] == ["1970-01-01T00:00:02", "1970-01-01T00:00:01"]
    assert second[0]["subject"] == "三"
    assert len(second) == 3


def test_mail_nobody_looked_at_is_kept_too(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with ministack_with(settings.port, answer(record("unseen", 1))), mailbox.serving(settings):
        pass

    with ministack_with(settings.port, answer()), mailbox.serving(settings):
        assert len(_get_json(settings)) == 1


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ("message_id=a&what=bounced", {}, 303),
        ("message_id=nobody&what=bounced", {}, 404),
        ("message_id=a&what=eaten", {}, 404),
        ("", {}, 404),
        ("message_id=a&what=bounced", {"Sec-Fetch-Site": "cross-site"}, 404),
    ],
)
def test_a_press_has_the_portal_hear_what_became_of_a_mail(
    tmp_path: Path, form: str, headers: dict[str, str], status: int
) -> None:
    settings, heard = _settings(tmp_path), []

    def tell(mail: mailbox.Mail, way: Way) -> bool:
        heard.append((mail.to, way.event_type))
        return True

    with (
        ministack_with(settings.port, answer(record("a", 1))),
        mailbox.serving(settings, tell),
    ):
        connection = HTTPConnection("127.0.0.1", settings.mail_port, timeout=10)
        connection.request("POST", "/events", form, headers)
        assert connection.getresponse().status == status
        connection.close()
    assert heard == ([("member001@example.jp", "Bounce")] if status == 303 else [])


def test_each_mail_has_a_button_for_everything_that_may_happen() -> None:
    page = mailbox.as_page(mailbox.parse(answer(record("a", 1))))
    for name, way in WAYS.items():
        assert f'name="what" value="{name}">{way.button}<' in page


def _settings(folder: Path) -> Settings:
    port, gmo_port, mail_port = free_ports(3)
    return Settings(port, gmo_port, mail_port, folder)


def _get_json(settings: Settings) -> list[dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", settings.mail_port, timeout=10)
    connection.request("GET", "/?format=json")
    rows: list[dict[str, str]] = json.loads(connection.getresponse().read())
    connection.close()
    return rows


@contextmanager
def ministack_with(port: int, messages: dict[str, Any]) -> Iterator[None]:
    """Serve *messages* as MiniStack's inspection page does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(messages).encode()
            self.send_response(200 if self.path == "/_ministack/ses/messages" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
