"""One request, from API Gateway's event to its answer: route, gate, form token, handler."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from portal.accounts.sessions import SessionStore
from portal.clock import Clock
from portal.config import Config
from portal.database import Database, DatabaseError
from portal.log import count, logger
from portal.web import csrf
from portal.web.errors import BadRequest, Forbidden, Unavailable, WebError
from portal.web.gate import Admission
from portal.web.headers import security_headers
from portal.web.http import Request, Response, identified, parse_event, to_gateway
from portal.web.render import POLICY, Renderer
from portal.web.routing import Route, Routes

APOLOGY = Response(
    500,
    "申し訳ありません。エラーが発生しました。時間をおいて、もう一度お試しください。",
    content_type="text/plain; charset=utf-8",
)
"""What is left to say when even the error page cannot be made."""


class App:
    """Answers requests to a set of routes."""

    def __init__(
        self,
        config: Config,
        database: Database,
        clock: Clock,
        renderer: Renderer,
        routes: Sequence[Route],
    ) -> None:
        self._clock = clock
        self._renderer = renderer
        self._routes = Routes(routes)
        self._admission = Admission(database, SessionStore(database, config.tables))
        address = urlsplit(config.public_base_url)
        self._origin = f"{address.scheme}://{address.netloc}"

    def __call__(self, event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
        """Answer one event of API Gateway. Never raises: the last line of defence is here."""
        started = perf_counter()
        try:
            request, response = self._answered(event)
            answer = to_gateway(response, security_headers(POLICY))
        except Exception as error:  # noqa: BLE001 - nothing may break a worker or leak a text.
            request, response = _bare(event, self._clock), APOLOGY
            _unexpected(request, error)
            answer = to_gateway(response, security_headers(POLICY))
        _log(request, response, started)
        return answer

    def _answered(self, event: Mapping[str, Any]) -> tuple[Request, Response]:
        """Return the request, as far as it was understood, and its answer or error page."""
        request = _bare(event, self._clock)
        try:
            request = parse_event(event, self._clock())
            route = self._found(request)
            admitted = self._admission.admit(route, request)
            if isinstance(admitted, Response):
                return request, admitted
            request = admitted
            return request, _handled(route, request)
        except WebError as error:
            _refused(request, error)
            return request, self._renderer.error(request, error)
        except DatabaseError as error:
            told = {"error": type(error).__name__, "detail": str(error)}
            logger.error("database", extra={**identified(request), **told})
            count("Unavailable")
            return request, self._renderer.error(request, Unavailable())
        except Exception as error:  # noqa: BLE001 - a fault of ours still gets a page with a number.
            _unexpected(request, error)
            return request, self._renderer.error(request, WebError())

    def _found(self, request: Request) -> Route:
        route = self._routes.find(request.method, request.resource)
        if route.guarded:
            csrf.check_origin(request, self._origin)
        return route


def _handled(route: Route, request: Request) -> Response:
    if not route.guarded:
        return route.handle(request)
    try:
        csrf.check_token(request)
    except Forbidden:
        if route.outdated is None or request.session is None or not csrf.from_our_page(request):
            raise
        return route.outdated(request)
    return route.handle(request)


def _bare(event: Mapping[str, Any], clock: Clock) -> Request:
    """Return a request good enough for an error page, whatever the event holds."""
    request_id = str(event.get("requestContext", {}).get("requestId", "-"))
    return Request("GET", "/", {}, {}, {}, {}, b"", "", request_id, clock())


def _refused(request: Request, error: WebError) -> None:
    # The text of a WebError is ours and holds nothing a member typed.
    told = {"code": error.code, "why": str(error)}
    logger.info("refused", extra={**identified(request), **told})
    if not isinstance(error, BadRequest):
        count("Refused", code=error.code)


def _unexpected(request: Request, error: Exception) -> None:
    # The text of a foreign exception may hold what a member typed, so only places are written.
    places = []
    trace = error.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    told = {"error": type(error).__name__, "places": places}
    logger.error("unexpected", extra={**identified(request), **told})
    count("UnexpectedError")


def _log(request: Request, response: Response, started: float) -> None:
    took = round((perf_counter() - started) * 1000, 1)
    told = {"reference": request.reference, "status": response.status, "milliseconds": took}
    logger.info("request", extra={**identified(request), **told})
