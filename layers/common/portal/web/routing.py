"""The table of routes: who may call what, and what is read beside the session."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from portal.database import Read
from portal.web.errors import MethodNotAllowed, NotFound
from portal.web.http import Request, Response

type Handler = Callable[[Request], Response]
type Beside = Callable[[str, Request], Sequence[Read]]


_METHODS = ("GET", "POST")
"""What pages of the portal may be asked by."""


class Gate(Enum):
    """What a route asks of the caller."""

    PUBLIC = "no session is looked at"
    OPTIONAL = "a session is used where there is one"
    FIRST_CHANGE = "a session, also before the first password change"
    MEMBER = "a session whose initial password has been changed"


@dataclass(frozen=True)
class Route:
    """One method of one resource.

    *beside* names what the page reads, given the member id of the cookie; it travels in the same
    round trip as the session and is handed on only when the session was found and unexpired.
    *csrf* is False for exactly the two routes that others post to. *keep* stores the form of a POST
    whose session time has ended, and says whether there was anything to store. *outdated* answers a
    POST from a page of ours that is older than the session, instead of an error; it stores nothing.
    """

    method: str
    path: str
    gate: Gate
    handle: Handler
    beside: Beside | None = None
    csrf: bool = True
    keep: Callable[[Request], bool] | None = None
    outdated: Handler | None = None

    @property
    def guarded(self) -> bool:
        """Whether a request must prove that it came from a page of ours."""
        return self.csrf and self.method == "POST"


class Routes:
    """Finds the route of a request by API Gateway's resource."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = {(route.method, route.path): route for route in routes}
        self._methods = {
            path: tuple(sorted(route.method for route in routes if route.path == path))
            for path in {route.path for route in routes}
        }

    def find(self, method: str, resource: str) -> Route:
        """Return the route. Raises MethodNotAllowed.

        An unknown page has a route too, so that its 404 knows whether somebody is signed in. What
        comes by a method that no page has is refused whatever page it was meant for, a HEAD too
        (docs/decisions/0026-other-methods.md).
        """
        route = self._routes.get((method, resource))
        if route is not None:
            return route
        allowed = self._methods.get(resource, _METHODS)
        if resource in self._methods or method not in allowed:
            raise MethodNotAllowed(method, allowed)
        return Route(method, resource, Gate.OPTIONAL, _unknown, csrf=False)


def _unknown(request: Request) -> Response:
    raise NotFound(request.resource)
