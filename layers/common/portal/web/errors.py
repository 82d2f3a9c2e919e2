"""What a request can be refused with. Texts for members live in templates/error.html alone.

::

    WebError                 status, code
    ├── BadRequest           400  the request is not one a browser of ours sends
    ├── Forbidden            403  foreign origin or stale form token
    ├── NotFound             404  no such page, or not this member's
    ├── MethodNotAllowed     405  .allowed
    ├── TooManyTries         429  .wait_seconds
    └── Unavailable          503  something we depend on gives no answer
"""


class WebError(Exception):
    """Never raised directly; becomes an error page in portal.web.app."""

    status = 500
    code = "P500"


class BadRequest(WebError):
    """The request is malformed: duplicate keys, bad encoding, too long."""

    status = 400
    code = "P400"


class Forbidden(WebError):
    """The request did not come from a page of ours, or the page is too old."""

    status = 403
    code = "P403"


class NotFound(WebError):
    """There is no such page for this member."""

    status = 404
    code = "P404"


class MethodNotAllowed(WebError):
    """The page exists, but not for this method; *allowed* are those it has (RFC 9110, 15.5.6)."""

    status = 405
    code = "P405"

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(method)
        self.allowed = allowed


class TooManyTries(WebError):
    """Too many tries; *wait_seconds* tells when the next one counts."""

    status = 429
    code = "P429"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"wait {wait_seconds} s")
        self.wait_seconds = wait_seconds


class Unavailable(WebError):
    """Something behind the portal gives no answer at the moment."""

    status = 503
    code = "P503"
