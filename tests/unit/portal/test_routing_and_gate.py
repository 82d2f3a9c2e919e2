"""Which route answers, and who is let in with what was read for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.accounts.sessions import COOKIE_NAME, SessionStore
from portal.database import Contended, Get, Read, Unreachable
from portal.web.errors import MethodNotAllowed, NotFound
from portal.web.gate import Admission
from portal.web.http import Request, Response
from portal.web.routing import Gate, Route, Routes
from tests.fakes import MemoryDatabase
from tests.unit.members.desk import TABLES
from tests.unit.portal.web import MEMBER_ID, NOW, request


def answer(_: Request) -> Response:
    return Response(200)


PAGE = Route("GET", "/member/x/{id}", Gate.MEMBER, answer)
FORM = Route("POST", "/member/x/{id}", Gate.MEMBER, answer)
ROUTES = Routes([PAGE, FORM, Route("POST", "/gmo/notification", Gate.PUBLIC, answer, csrf=False)])


def test_a_route_is_found_by_method_and_resource() -> None:
    assert ROUTES.find("GET", "/member/x/{id}") is PAGE
    assert ROUTES.find("POST", "/member/x/{id}") is FORM


OTHER_METHODS = ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", ""]


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_a_page_has_no_other_methods(method: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTES.find(method, "/member/x/{id}")
    assert refused.value.allowed == ("GET", "POST")


@pytest.mark.parametrize("method", OTHER_METHODS)
@pytest.mark.parametrize("resource", ["/{proxy+}", "/member/x/1", ""])
def test_a_method_that_no_page_has_is_refused_wherever_it_leads(method: str, resource: str) -> None:
    """At a page that has other methods the gateway hands it to the catch-all."""
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTES.find(method, resource)
    assert refused.value.allowed == ("GET", "POST")


def test_a_get_of_what_is_only_posted_is_no_method() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTES.find("GET", "/gmo/notification")
    assert refused.value.allowed == ("POST",)


@pytest.mark.parametrize("resource", ["/{proxy+}", "/member/x/1", "", "/member/x/{id}/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_resource_is_not_found_and_may_know_who_asks(resource: str, method: str) -> None:
    route = ROUTES.find(method, resource)
    assert (route.gate, route.guarded) == (Gate.OPTIONAL, False)
    with pytest.raises(NotFound):
        route.handle(request())


def test_every_post_is_guarded_unless_said_otherwise() -> None:
    assert [PAGE.guarded, FORM.guarded] == [False, True]
    assert not ROUTES.find("POST", "/gmo/notification").guarded


# The gate


class House:
    """A database with one session."""

    def __init__(self, *, must_change: bool = False) -> None:
        self.database = MemoryDatabase()
        self.sessions = SessionStore(self.database, TABLES)
        self.admission = Admission(self.database, self.sessions)
        self.cookie, put = self.sessions.create(
            MEMBER_ID, "001234", now=NOW, must_change=must_change, network="", device=""
        )
        self.database.commit(put)
        self.database.calls.clear()

    def admit(
        self,
        gate: Gate,
        *,
        cookie: str | None = None,
        after: timedelta = timedelta(0),
        reads: Sequence[Read] = (),
    ) -> Request | Response:
        asked: list[str] = []

        def beside(member_id: str, _: Request) -> Sequence[Read]:
            asked.append(member_id)
            return reads

        value = self.cookie if cookie is None else cookie
        made = replace(request(), cookies={COOKIE_NAME: value}, now=NOW + after)
        admitted = self.admission.admit(Route("GET", "/x", gate, answer, beside), made)
        assert set(asked) <= {MEMBER_ID}
        return admitted


def let_in(admitted: Request | Response) -> Request:
    assert isinstance(admitted, Request)
    return admitted


def sent_to(admitted: Request | Response) -> str:
    assert isinstance(admitted, Response)
    return dict(admitted.headers)["Location"]


FORGED = [
    "",
    "x",
    f"{MEMBER_ID}.",
    f"{MEMBER_ID}.{'A' * 43}",
    f"{MEMBER_ID}.{'A' * 44}",
    f"{MEMBER_ID.upper()}.{'A' * 43}",
    "." + "A" * 43,
]


def test_a_public_page_looks_at_no_session() -> None:
    house = House()
    assert let_in(house.admit(Gate.PUBLIC)).session is None
    assert not house.database.calls


@pytest.mark.parametrize("gate", [Gate.OPTIONAL, Gate.FIRST_CHANGE, Gate.MEMBER])
def test_a_session_lets_in_with_one_round_trip(gate: Gate) -> None:
    house = House()
    admitted = let_in(house.admit(gate, reads=[Get("members", {"pk": "m", "sk": "s"})]))
    assert admitted.signed_in.member_no == "001234"
    assert admitted.beside == [None]
    assert house.database.calls == {"read": 1}


@pytest.mark.parametrize("gate", [Gate.FIRST_CHANGE, Gate.MEMBER])
@pytest.mark.parametrize("cookie", FORGED)
def test_without_a_session_one_is_sent_to_sign_in(gate: Gate, cookie: str) -> None:
    admitted = House().admit(gate, cookie=cookie)
    assert sent_to(admitted) == "/member/login"
    assert isinstance(admitted, Response)
    assert "Max-Age=0" in dict(admitted.headers)["Set-Cookie"]


@pytest.mark.parametrize("cookie", FORGED)
def test_a_page_for_all_is_shown_without_a_session(cookie: str) -> None:
    admitted = let_in(House().admit(Gate.OPTIONAL, cookie=cookie, reads=[]))
    assert (admitted.session, admitted.beside) == (None, [])


def test_nothing_read_beside_a_session_that_is_not_there_is_handed_on() -> None:
    house = House()
    house.database.commit(house.sessions.delete_cookie(house.cookie)[0])
    read = Get(TABLES.sessions, {"pk": MEMBER_ID, "sk": "RESET"})
    assert let_in(house.admit(Gate.OPTIONAL, reads=[read])).beside == []


@pytest.mark.parametrize("after", [timedelta(minutes=30), timedelta(hours=13)])
def test_a_session_that_has_ended_is_none(after: timedelta) -> None:
    assert sent_to(House().admit(Gate.MEMBER, after=after)) == "/member/login"


def test_before_the_first_change_only_its_page_is_open() -> None:
    house = House(must_change=True)
    assert sent_to(house.admit(Gate.MEMBER)) == "/member/password"
    assert let_in(house.admit(Gate.FIRST_CHANGE)).signed_in.must_change
    assert sent_to(house.admit(Gate.FIRST_CHANGE, after=timedelta(minutes=10))) == "/member/login"


def test_the_idle_time_is_written_after_five_minutes_only() -> None:
    house = House()
    house.admit(Gate.MEMBER, after=timedelta(minutes=4))
    assert house.database.calls["write"] == 0
    house.admit(Gate.MEMBER, after=timedelta(minutes=6))
    assert house.database.calls["write"] == 1


@pytest.mark.parametrize("error", [Contended(), Unreachable("down")])
def test_a_page_is_shown_though_the_idle_time_cannot_be_written(error: Exception) -> None:
    house = House()
    house.database.fail_next.append(("write", error))
    assert let_in(house.admit(Gate.MEMBER, after=timedelta(minutes=6))).session is not None


def test_who_is_turned_away_is_logged_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    """ASVS V16.3.2: refused authorisations. A visitor without a cookie is none."""
    House(must_change=True).admit(Gate.MEMBER)
    House().admit(Gate.MEMBER, after=timedelta(minutes=30))
    House().admit(Gate.MEMBER, cookie="x")
    Admission(MemoryDatabase(), House().sessions).admit(PAGE, request())

    why = [vars(one)["why"] for one in caplog.records if one.message == "turned away"]
    ended = "session unknown or ended"
    assert why == ["password not changed yet", ended, ended]
