"""What a visitor's browser did besides showing pages: requests, console, broken rules."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""
"""Says in the console what the policy stopped, also where Chromium itself stays silent."""

# Chromium notes each answer of 4xx in the console by itself; pages with errors are meant to be 4xx.
_OWN_NOTE = "Failed to load resource: the server responded with a status of 4"
_NETWORK = ("http", "https", "ws", "wss")


@dataclass
class Traffic:
    """Listens to one browser context. *origins* are those a visitor may get pages from."""

    origins: frozenset[str]
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """Begin to listen; pages opened before are not heard."""
        context.add_init_script(VIOLATIONS)
        context.on("request", self._requested)
        context.on("console", self._spoken)
        context.on("weberror", self._broken)

    def sent(self, method: str, path_end: str) -> Request:
        """Return the last request of that method whose path ends so."""
        return next(
            request
            for request in reversed(self.requests)
            if request.method == method and urlsplit(request.url).path.endswith(path_end)
        )

    def after(self, request: Request) -> Request:
        """Return the request that followed *request*."""
        return self.requests[self.requests.index(request) + 1]

    def assert_clean(self) -> None:
        """Every page was one request, to us or to GMO, and nothing was complained of."""
        network = [one for one in self.requests if urlsplit(one.url).scheme in _NETWORK]
        extra = [one.url for one in network if not one.is_navigation_request()]
        strange = [one.url for one in network if _origin(one.url) not in self.origins]
        assert not self.complaints, self.complaints
        assert not extra, f"more than one request for a page: {extra}"
        assert not strange, f"other people's pages: {strange}"

    def _requested(self, request: Request) -> None:
        self.requests.append(request)

    def _spoken(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_OWN_NOTE):
            self.complaints.append(f"{message.type}: {message.text}")

    def _broken(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
