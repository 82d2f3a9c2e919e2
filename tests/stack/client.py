"""A browser of few words for the deployed stack: HTTP to 127.0.0.1 with the portal's Host header.

Python does not resolve *.localhost, and its clients keep Secure cookies off http, so cookies are
carried by hand. Nothing is followed: a redirect is an answer like any other.
"""

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"
_SPACES = re.compile(r"\s+")

COOKIES_SEEN: set[str] = set()
"""Every cookie that any client of this run was given; no log may hold one."""


@dataclass
class Form:
    """One form of a page: where it goes and what is in it before anybody types."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """(name, value, text) of each button that sends the form."""

    def filled(self, values: Mapping[str, str], button: str = "") -> dict[str, str]:
        """Return what a browser sends after typing *values* and pressing the button with a text."""
        pressed = {name: value for name, value, text in self.buttons if text == button and name}
        return {**self.fields, **values, **pressed}


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    path: str

    @property
    def html(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def text(self) -> str:
        """What a person reads of the page, in one line."""
        return _SPACES.sub(" ", _read(self.html).text).strip()

    @property
    def forms(self) -> list[Form]:
        """The forms of the page."""
        return _read(self.html).forms

    @property
    def links(self) -> list[tuple[str, str]]:
        """(address, text) of every link of the page."""
        return _read(self.html).links

    def link(self, text: str) -> str:
        """Return the address of the first link with that text."""
        for address, words in self.links:
            if words == text:
                return address
        raise AssertionError(f"no link {text} on {self.path}: {self.text[:400]}")

    @property
    def location(self) -> str:
        """Where a redirect leads, or nothing."""
        return self.header("location")

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all_headers(self, name: str) -> list[str]:
        """Return every header of that name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def form(self, action: str = "", button: str = "") -> Form:
        """Return the first form with that action and a button of that text, where given."""
        for form in self.forms:
            texts = [text for _, _, text in form.buttons]
            if (not action or form.action == action) and (not button or button in texts):
                return form
        raise AssertionError(f"no form {action} {button} on {self.path}: {self.text[:400]}")


class Client:
    """One visitor with cookies of its own. *source_ip* is what the gateway takes as the network."""

    def __init__(self, connect: str, portal: str, source_ip: str = "192.0.2.10") -> None:
        self._connect = connect
        self._origin = portal
        self._host = urlsplit(portal).netloc
        self.source_ip = source_ip
        self.cookies: dict[str, str] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a path of the portal."""
        return self.request("GET", path, headers=headers)

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST fields as a browser does from a page of the portal itself."""
        return self.request(
            "POST",
            path,
            urlencode(form).encode(),
            {"Content-Type": FORM, "Origin": self._origin, **(headers or {})},
        )

    def submit(
        self, page: Answer, values: Mapping[str, str], *, action: str = "", button: str = ""
    ) -> Answer:
        """Fill the form that has *action* or *button* and send it, hidden fields included."""
        form = page.form(action, button)
        return self.post(form.action or page.path, form.filled(values, button))

    def follow(self, answer: Answer) -> Answer:
        """GET where a 303 leads, which has to be the portal itself."""
        assert answer.status == 303, (answer.status, answer.text[:400])
        target = urlsplit(answer.location)
        assert target.netloc in ("", self._host)
        return self.get(target.path + (f"?{target.query}" if target.query else ""))

    def sign_in(self, member_no: str, password: str) -> Answer:
        """Fill in the sign-in page and return the answer, a redirect when it worked."""
        page = self.get("/member/login")
        return self.submit(page, {"member_no": member_no, "password": password}, button="ログイン")

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request as it is given, with our cookies, and keep those that come back."""
        sent = {
            "Host": self._host,
            # A gateway decodes a PDF only for a client that says what it accepts, as browsers do.
            "Accept": "text/html,*/*;q=0.8",
            "X-Forwarded-For": self.source_ip,
            **(headers or {}),
        }
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection(self._connect, timeout=60)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, tuple(response.getheaders()), response.read(), path)
        finally:
            connection.close()
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        for line in answer.all_headers("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            if not value or "max-age=0" in line.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
                COOKIES_SEEN.add(value)


def _read(html: str) -> "_Reader":
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


class _Reader(HTMLParser):
    """Takes forms and visible text out of a page."""

    _UNSEEN = frozenset({"script", "style", "head", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.text = ""
        self._link: tuple[str, str] | None = None
        self._open: Form | None = None
        self._unseen = 0
        self._select = ""
        self._reads_option = False
        self._button: tuple[str, str, str] | None = None
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in self._UNSEEN:
            self._unseen += 1
        elif tag == "a" and "href" in given:
            self._link = given["href"], ""
        elif tag == "form":
            method = given.get("method", "get").lower()
            self._open = Form(given.get("action", ""), method)
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "submit" if tag == "button" else "text")
        if tag == "button" and kind == "submit":
            self._button = (name, value, "")
        elif tag == "input" and kind == "submit":
            form.buttons.append((name, value, value))
        elif tag == "input" and name and (kind not in ("radio", "checkbox") or "checked" in given):
            form.fields[name] = value
        elif tag == "select":
            self._select = name
            form.fields[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            form.fields[self._select] = value
            # An option without a value stands for its text.
            self._reads_option = "value" not in given
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen -= 1
        elif tag == "a" and self._link is not None:
            self.links.append((self._link[0], self._link[1].strip()))
            self._link = None
        elif tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "option":
            self._reads_option = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "button" and self._button is not None and self._open is not None:
            name, value, text = self._button
            self._open.buttons.append((name, value, text.strip()))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        self.text += data
        if self._link is not None:
            self._link = self._link[0], self._link[1] + data
        filled = self._textarea or (self._select if self._reads_option else "")
        if filled and self._open is not None:
            self._open.fields[filled] += data
        if self._button is not None:
            name, value, text = self._button
            self._button = (name, value, text + data)
