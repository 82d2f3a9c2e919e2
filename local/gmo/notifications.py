"""Result notifications: sent at once, sent again while the receiver does not answer `0`."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from local.gmo.faults import Faults, NotificationWord
from local.gmo.messages import Pairs, form_body
from local.gmo.settings import Settings
from local.gmo.times import iso

State = Literal["waiting", "held", "delivered", "given_up"]
ANSWER_KEPT = 200


@dataclass
class Try:
    """One attempt: when, the HTTP status (0 when nobody answered) and what was answered."""

    sent_at: str
    http_status: int
    answer: str

    @property
    def accepted(self) -> bool:
        """GMO takes nothing but HTTP 200 with the body `0`."""
        return self.http_status == 200 and self.answer == "0"


@dataclass
class Letter:
    """One notification and what became of it; `due` is on the monotonic clock."""

    number: int
    fields: Pairs
    state: State = "waiting"
    fault: NotificationWord = "normal"
    due: float = 0.0
    tries: list[Try] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The letter for the controls."""
        named = dict(self.fields)
        return {
            "number": self.number,
            "order_id": named["OrderID"],
            "status": named["Status"],
            "pay_type": named["PayType"],
            "error": named["ErrInfo"],
            "state": self.state,
            "fault": self.fault,
            "body": form_body(self.fields).decode(),
            "tries": [vars(attempt) for attempt in self.tries],
        }


Sender = Callable[[bytes], tuple[int, str]]


class Postman:
    """Keeps the letters and delivers them on one thread, so they arrive in the order of sending."""

    def __init__(self, settings: Settings, faults: Faults, send: Sender) -> None:
        self._settings = settings
        self._faults = faults
        self._send = send
        self._letters: list[Letter] = []
        self._numbers = 0
        self._woken = threading.Condition()
        self._delivering = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="gmo-notifications", daemon=True)

    def start(self) -> None:
        """Begins to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; a delivery under way is waited for, but not longer than its time-out."""
        with self._woken:
            self._stopped = True
            self._woken.notify_all()
        self._thread.join(self._settings.notify_timeout + 1)

    def post(self, fields: Pairs) -> None:
        """Takes a notification; what becomes of it depends on the fault that is set."""
        fault = self._faults.notifications
        late = self._faults.browser_return == "before_notification"
        with self._woken:
            for _ in range(2 if fault == "duplicate" else 1):
                self._add(tampered(fields) if fault == "tamper" else fields, fault, late)
            self._woken.notify_all()

    def _add(self, fields: Pairs, fault: NotificationWord, late: bool) -> None:
        self._numbers += 1
        held = fault in {"drop", "delay", "reverse"}
        due = time.monotonic() + (self._settings.late_seconds if late else 0)
        state: State = "held" if held else "waiting"
        self._letters.append(Letter(self._numbers, list(fields), state, fault, due))

    def flush(self) -> list[dict[str, object]]:
        """Sends now what is held back or waits for its next try; `reverse` last to first."""
        with self._woken:
            open_letters = [x for x in self._letters if x.state in {"held", "waiting"}]
        straight = [x for x in open_letters if x.fault != "reverse"]
        reverse = [x for x in open_letters if x.fault == "reverse"]
        for letter in straight + reverse[::-1]:
            self._deliver(letter)
        return [letter.as_dict() for letter in straight + reverse[::-1]]

    def sent(self) -> list[dict[str, object]]:
        """All letters, newest first."""
        with self._woken:
            return [letter.as_dict() for letter in reversed(self._letters)]

    def clear(self) -> None:
        """Forgets all letters, also those not yet sent."""
        with self._woken:
            self._letters.clear()

    def _run(self) -> None:
        while True:
            with self._woken:
                letter = self._next_due()
                if self._stopped:
                    return
            if letter:
                self._deliver(letter)

    def _next_due(self) -> Letter | None:
        """The letter that is due, after waiting for it as long as needed; None to look again."""
        waiting = [x for x in self._letters if x.state == "waiting"]
        first = min(waiting, key=lambda x: (x.due, x.number), default=None)
        rest = None if first is None else first.due - time.monotonic()
        if first and rest is not None and rest <= 0:
            return first
        if not self._stopped:
            self._woken.wait(rest)
        return None

    def _deliver(self, letter: Letter) -> None:
        with self._delivering:
            if letter.state in {"delivered", "given_up"}:
                return
            status, answer = self._send(form_body(letter.fields))
            attempt = Try(iso(self._settings.clock()), status, answer[:ANSWER_KEPT])
            with self._woken:
                self._note(letter, attempt)

    def _note(self, letter: Letter, attempt: Try) -> None:
        letter.tries.append(attempt)
        letter.due = time.monotonic() + self._settings.retry_seconds
        again = len(letter.tries) <= self._settings.retries
        letter.state = "delivered" if attempt.accepted else "waiting" if again else "given_up"


def tampered(fields: Pairs) -> Pairs:
    """The same notification with another amount."""
    return [(k, str(int(v or "0") + 1000) if k == "Amount" else v) for k, v in fields]


def http_sender(settings: Settings) -> Sender:
    """Posts to the receiver: (HTTP status, body), status 0 when there was no answer.

    Names below `.localhost` are not resolved everywhere; they are this machine by definition.
    """
    url = urlsplit(settings.notify_url)
    host = settings.notify_host_header or url.netloc
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": host}

    def send(body: bytes) -> tuple[int, str]:
        if not settings.notify_url:
            return 0, "no receiver is set"
        line = http.client.HTTPConnection("127.0.0.1", url.port or 80, settings.notify_timeout)
        try:
            line.request("POST", url.path or "/", body, headers)
            reply = line.getresponse()
            return reply.status, reply.read(4096).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__
        finally:
            line.close()

    return send
