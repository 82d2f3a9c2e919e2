"""Every route to every kind of caller, on the deployed stack, and the headers of every answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from portal.accounts.sessions import split_cookie
from portal.aws import DynamoDatabase
from portal.clock import utc_now
from portal.config import Config
from tests.headers import faults
from tests.sessions_by_route import ROWS, SIGNED_IN, Caller, Row, Sessions, name
from tests.stack.client import COOKIES_SEEN, FORM, Answer, Client
from tests.stack.paying import Payer
from tests.stackfixture import LocalStack
from tests.unit.template.loading import events, functions, load


@dataclass(frozen=True)
class Neighbours:
    """Two members with an invoice each; what is asked for is the first one's."""

    stack: LocalStack
    mine: Payer
    theirs: Payer
    sessions: Sessions

    @classmethod
    def of(cls, stack: LocalStack) -> "Neighbours":
        """Make both members, and the place where their sessions lie."""
        mine, theirs = Payer.signed_in(stack), Payer.signed_in(stack)
        client = stack.aws.client("dynamodb")
        sessions = Sessions(
            DynamoDatabase(lambda: client),
            Config.from_env(stack.aws.settings_of_functions()).tables,
            _identity(mine),
            _identity(theirs),
            utc_now(),
        )
        return cls(stack, mine, theirs, sessions)

    def answer(self, row: Row, caller: Caller, cookie: str) -> Answer:
        """Ask for a row's route as the caller's browser does, a form with the token of its page."""
        client = Client(self.stack.connect, self.stack.portal)
        if split_cookie(cookie):
            COOKIES_SEEN.add(cookie)
        if cookie:
            client.cookies["__Host-session"] = cookie
        body = self._form(row, caller, client) if row.method == "POST" else None
        client.cookies |= {"__Host-session": cookie} if cookie else {}
        path = row.path.replace("{invoice_id}", self.mine.invoice_id).replace("{token}", "x")
        headers = {"Origin": self.stack.portal} | ({"Content-Type": FORM} if body else {})
        return client.request(row.method, path.replace("{proxy+}", "member/nowhere"), body, headers)

    def _form(self, row: Row, caller: Caller, client: Client) -> bytes:
        signed_in = caller in SIGNED_IN and not row.public
        page = client.get("/member/contact" if signed_in else "/member/login")
        return f"csrf={page.forms[0].fields['csrf']}".encode()


def _identity(payer: Payer) -> Mapping[str, str]:
    member_id = payer.client.cookies["__Host-session"].partition(".")[0]
    return {"member_id": member_id, "member_no": payer.person.member_no}


@pytest.fixture(scope="module")
def neighbours(local_stack: LocalStack) -> Neighbours:
    return Neighbours.of(local_stack)


def test_every_route_of_the_template_has_its_row_once() -> None:
    routes = [
        f"{event['Method'].upper()} {event['Path']}"
        for properties in functions(load()).values()
        for event in events(properties, "Api")
    ]
    assert sorted(row.route for row in ROWS) == sorted(routes)


@pytest.mark.parametrize("caller", list(Caller), ids=name)
@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_route_answers_each_caller_as_the_table_says(
    neighbours: Neighbours, row: Row, caller: Caller
) -> None:
    person = neighbours.mine.person
    personal = (person.member_no, person.record["email"], person.record["phone"])

    for cookie in neighbours.sessions.cookies(caller):
        answer = neighbours.answer(row, caller, cookie)
        told = f"{answer.status} {answer.location}".strip()
        assert told.startswith(row.expected(caller)), (cookie[:40], told)
        assert faults({key.lower(): value for key, value in answer.headers}) == []
        if caller is not Caller.FIRST:
            assert [text for text in personal if text in answer.html] == []
