"""The mail that the local stack sent, on a page as a person reads it, and as JSON.

Below each mail are buttons for what SES would tell of it later (``local/mail_events.py``).

MiniStack forgets sent mail at its stop, so what was seen once is kept in a file of the data dir.
"""

import html
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local import mail_events
from local.aws import LocalAws
from local.mail_events import WAYS, Way
from local.settings import HOST, Settings

JST = timezone(timedelta(hours=9))
_MOST_BYTES = 4096
_LINK = re.compile(r"https?://[!-;=?-~]+")


@dataclass(frozen=True)
class Mail:
    """One mail as MiniStack's SES took it; ``timestamp`` in seconds since 1970."""

    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    timestamp: float

    @property
    def sent_at(self) -> datetime:
        """When SES took it."""
        return datetime.fromtimestamp(self.timestamp, UTC)


def parse(answer: Mapping[str, Any]) -> list[Mail]:
    """Read the answer of MiniStack's inspection page, all accounts together."""
    records = [record for account in answer["messages"].values() for record in account]
    return [_mail(record) for record in records]


def _mail(record: Mapping[str, Any]) -> Mail:
    return Mail(
        message_id=record["MessageId"],
        # The display name travels as an encoded word (RFC 2047); a person reads it decoded.
        sender=str(make_header(decode_header(record["Source"]))),
        to=", ".join(record["To"]),
        subject=record["Subject"],
        text=record["BodyText"] or "",
        timestamp=float(record["Timestamp"]),
    )


type Tell = Callable[[Mail, Way], bool]
"""Has the portal hear what became of a mail; False when it knows no such mail."""


class Mailbox:
    """All mail since the data dir was made, newest first."""

    def __init__(self, port: int, file: Path) -> None:
        self._port = port
        self._file = file
        self._lock = threading.Lock()
        self._mails = {mail.message_id: mail for mail in _stored(file)}

    def newest_first(self) -> list[Mail]:
        """Return every mail, with what MiniStack has taken since the last look."""
        with self._lock:
            self._take(parse(_fetch(self._port)))
            return sorted(self._mails.values(), key=lambda mail: mail.timestamp, reverse=True)

    def find(self, message_id: str) -> Mail | None:
        """Return one mail by SES's id."""
        return next((mail for mail in self.newest_first() if mail.message_id == message_id), None)

    def _take(self, seen: Iterable[Mail]) -> None:
        new = {mail.message_id: mail for mail in seen if mail.message_id not in self._mails}
        if new:
            self._mails |= new
            rows = [asdict(mail) for mail in self._mails.values()]
            self._file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def _stored(file: Path) -> Iterator[Mail]:
    if file.exists():
        for row in json.loads(file.read_text(encoding="utf-8")):
            yield Mail(**row)


def _fetch(port: int) -> Mapping[str, Any]:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/_ministack/ses/messages")
        answer: Mapping[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def as_json(mails: Sequence[Mail]) -> str:
    """Return the list that tests read."""
    rows = [
        {
            "to": mail.to,
            "subject": mail.subject,
            "text": mail.text,
            "sent_at": mail.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        for mail in mails
    ]
    return json.dumps(rows, ensure_ascii=False)


def as_page(mails: Sequence[Mail]) -> str:
    """Return the page that a person reads."""
    body = "\n".join(_article(mail) for mail in mails) or "<p>メールはまだありません。</p>"
    return _PAGE.format(count=len(mails), body=body)


def _article(mail: Mail) -> str:
    sent = mail.sent_at.astimezone(JST)
    return _ARTICLE.format(
        subject=html.escape(mail.subject),
        sender=html.escape(mail.sender),
        to=html.escape(mail.to),
        sent=f"{sent:%Y年%m月%d日 %H:%M:%S}",
        text=linked(mail.text),
        message_id=html.escape(mail.message_id),
        buttons="".join(_BUTTON.format(name=name, text=way.button) for name, way in WAYS.items()),
    )


def linked(text: str) -> str:
    """Return *text* as HTML in which addresses can be pressed and nothing else is markup."""
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        address = html.escape(found.group())
        parts += [html.escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, html.escape(text[end:])])


@contextmanager
def serving(settings: Settings, tell: Tell | None = None) -> Iterator[None]:
    """Serve the mailbox on its port during the body, and keep what was sent when it ends.

    Without *tell* the deployed function ``mail_events`` hears what the buttons say.
    """
    box = Mailbox(settings.port, settings.data_dir / "mails.json")
    handler = _handler(box, tell or _deployed(settings))
    server = ThreadingHTTPServer((HOST, settings.mail_port), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
        box.newest_first()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _deployed(settings: Settings) -> Tell:
    aws = LocalAws(f"http://{HOST}:{settings.port}")

    def tell(mail: Mail, way: Way) -> bool:
        return mail_events.play(
            aws, way, message_id=mail.message_id, to=mail.to, sent_at=mail.sent_at
        )

    return tell


def _told(box: Mailbox, tell: Tell, form: Mapping[str, Sequence[str]]) -> bool:
    mail = box.find(form.get("message_id", [""])[0])
    way = WAYS.get(form.get("what", [""])[0])
    return mail is not None and way is not None and tell(mail, way)


def _handler(box: Mailbox, tell: Tell) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path != "/":
                self.send_error(HTTPStatus.NOT_FOUND)
            elif parse_qs(url.query).get("format") == ["json"]:
                self._answer("application/json", as_json(box.newest_first()))
            else:
                self._answer("text/html; charset=utf-8", as_page(box.newest_first()))

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
            form = parse_qs(self.rfile.read(length).decode(errors="replace"))
            # Another site's page may post here too, for it is the person's own browser.
            ours = self.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
            if not (ours and self.path == "/events" and _told(box, tell, form)):
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _answer(self, content_type: str, text: str) -> None:
            body = text.encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Keep the terminal for what the person asked for."""

    return Handler


_ARTICLE = """<article>
<h2>{subject}</h2>
<dl><dt>差出人</dt><dd>{sender}</dd><dt>宛先</dt><dd>{to}</dd><dt>日時</dt><dd>{sent}</dd></dl>
<div class="text">{text}</div>
<form method="post" action="/events"><p>このメールは、その後</p>
<input type="hidden" name="message_id" value="{message_id}">{buttons}</form>
</article>"""

_BUTTON = '<button name="what" value="{name}">{text}</button> '

_PAGE = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>送信メール（{count}通）</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 0 auto; max-width: 46rem; padding: 1rem; background: #f2f4f7; color: #1a1a1a;
  font-family: system-ui, sans-serif; line-height: 1.7; }}
header {{ display: flex; justify-content: space-between; align-items: baseline; }}
h1 {{ font-size: 1.25rem; }}
article {{ background: #fff; border: 1px solid #c9d0d9; border-radius: .5rem; padding: 1rem 1.25rem;
  margin-bottom: 1rem; }}
h2 {{ font-size: 1.1rem; margin: 0 0 .5rem; }}
dl {{ display: grid; grid-template-columns: 4rem 1fr; margin: 0; font-size: .9rem; color: #444; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
form {{ border-top: 1px solid #dde2e8; margin-top: .75rem; font-size: .9rem; }}
.text {{ white-space: pre-wrap; overflow-wrap: anywhere; border-top: 1px solid #dde2e8;
  margin-top: .75rem; padding-top: .75rem; }}
</style>
</head>
<body>
<header><h1>送信メール（{count}通）</h1><a href="/">再読み込み</a></header>
<p>このパソコンの中だけのページです。実際のメールは送られていません。</p>
{body}
</body>
</html>
"""
