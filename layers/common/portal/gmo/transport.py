"""The port to HTTP: one POST, one reply. Tests hand a fake to :class:`~portal.gmo.client.Gmo`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from portal.gmo.errors import UnknownOutcome

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 3.05
IDLE_SECONDS = 20.0
LONGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Reply:
    """What came back: HTTP status, ``Content-Type`` as sent or ``""``, body in bytes."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Sends one request and does not repeat it."""

    def post(self, url: str, *, content_type: str, body: bytes, timeout: float) -> Reply:
        """POST *body*; *timeout* is the wait in seconds for the answer.

        Raises :class:`UnknownOutcome` when there is no reply. A redirect is a reply.
        """


class RequestsTransport:
    """HTTP by requests: TLS verified; no redirects, cookies, proxies or netrc.

    The connection is kept between calls, but not longer than 20 seconds: a Lambda function
    sleeps between events, and a connection that died meanwhile would look like an unknown
    outcome. *clock* gives seconds and has to go on while the function sleeps.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._used_at = 0.0
        self._session: requests.Session | None = None

    def post(self, url: str, *, content_type: str, body: bytes, timeout: float) -> Reply:
        """See :meth:`Transport.post`."""
        import requests  # Here, because it costs a third of a cold start that rarely needs it.

        try:
            return self._send(url, content_type, body, timeout)
        except requests.Timeout:
            reason = "timeout"
        except requests.RequestException:
            reason = "connection"
        # Raised outside the handler, because the error of requests holds the whole request,
        # shop password included, and would travel along as the context of ours.
        raise UnknownOutcome(reason)

    def _send(self, url: str, content_type: str, body: bytes, timeout: float) -> Reply:
        with self._fresh_session().post(
            url,
            data=body,
            headers={"Content-Type": content_type, "Accept": "*/*"},
            timeout=(min(CONNECT_SECONDS, timeout), timeout),
            allow_redirects=False,
            stream=True,
        ) as response:
            answered = response.headers.get("Content-Type", "")
            return Reply(response.status_code, answered, _read(response))

    def _fresh_session(self) -> "requests.Session":
        from http.cookiejar import DefaultCookiePolicy

        import requests

        now = self._clock()
        idle, self._used_at = now - self._used_at, now
        if self._session is None or not 0 <= idle <= IDLE_SECONDS:
            self.close()
            self._session = requests.Session()
            self._session.trust_env = False
            self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return self._session

    def close(self) -> None:
        """Close the kept connection, if there is one."""
        if self._session is not None:
            self._session.close()
            self._session = None


def _read(response: "requests.Response") -> bytes:
    body = bytearray()
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) > LONGEST_BODY:
            raise UnknownOutcome("too long", status=response.status_code)
    return bytes(body)
