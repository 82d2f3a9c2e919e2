"""Nothing tells which numbers exist: the same answer, reads, writes, rows, metrics and hashes.

Each case is played twice over the whole handler, with a number that has a credential and with one
that has none, and everything that was done is compared. What the clock on the wall says of it is
measured by ``make bench``.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from portal.accounts.closing import CloseAccess
from portal.accounts.end_sessions import Actor
from portal.accounts.hashing import Hasher
from tests.metrics import counted
from tests.unit.accounts.desk import (
    AWAY,
    COST,
    HOME,
    INITIAL,
    NUMBER,
    PASSWORD,
    PEPPERS,
    CountedWork,
    Portal,
)
from tests.unit.members.desk import TABLES
from tests.webclient import Browser, Page

LOGIN, FORGOT = "/member/login", "/member/password/forgot"
UNKNOWN = "099999"
REGISTERED = "hanako@example.jp"

type Prepare = Callable[[Portal, str], None]


@dataclass(frozen=True)
class Work:
    """What one request did. *rows* are counted by table, attributes and what stays of the key."""

    status: int
    text: str
    location: str
    calls: Counter[str]
    rows: Counter[tuple[str, str, tuple[str, ...]]]
    metrics: tuple[tuple[str, float], ...]
    hashes: tuple[int, ...]


def done_by(portal: Portal, number: str, act: Callable[[], Page]) -> Work:
    """Return what *act* did."""
    portal.database.calls.clear()
    portal.work.costs.clear()
    with counted(portal.clock) as metrics:
        page = act()
    return Work(
        page.status,
        re.sub(r'name="csrf" value="[^"]+"', "", page.text).replace(number, "NUMBER"),
        page.location,
        Counter(portal.database.calls),
        rows_of(portal, number),
        tuple((one.name, one.value) for one in metrics.told),
        tuple(portal.work.costs),
    )


def rows_of(portal: Portal, number: str) -> Counter[tuple[str, str, tuple[str, ...]]]:
    """Return the kinds of rows of all tables but the credentials, of which one number has none."""
    found: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for table in (TABLES.throttle, TABLES.audit, TABLES.outbox, TABLES.sessions):
        for row in portal.rows(table):
            key = str(row["pk"]).replace(number, "NUMBER")
            found[table, re.sub(r"\b[0-9a-f]{8,16}\b", "MASK", key), tuple(sorted(row))] += 1
    return found


def at_the_door(portal: Portal, address: str = AWAY) -> Browser:
    browser = portal.new_browser(address)
    browser.get(LOGIN)
    return browser


# Signing in ---------------------------------------------------------------------------------------


def nothing(_portal: Portal, _number: str) -> None:
    """The first try ever."""


def failed(times: int) -> Prepare:
    """So many failures, each after its wait."""

    def prepare(portal: Portal, number: str) -> None:
        portal.fail(times, AWAY, number)

    return prepare


def waiting(portal: Portal, number: str) -> None:
    for _ in range(6):
        portal.try_in("Wrong1234", AWAY, number)


def disabled_and_counters_gone(portal: Portal, number: str) -> None:
    """Disabled long ago: the row of the credential says so, and no counter any more."""
    portal.fail(100, AWAY, number)
    portal.database.tables.pop(TABLES.throttle)


def initial_ended(portal: Portal, _: str) -> None:
    portal.enrol(INITIAL, first=True, age=timedelta(days=200))


def initial(portal: Portal, _: str) -> None:
    portal.enrol(INITIAL, first=True)


def known_elsewhere(portal: Portal, _: str) -> None:
    portal.signed_in(address="203.0.113.50")


def closed(portal: Portal, _: str) -> None:
    """The office closed the way in."""
    act = CloseAccess(
        portal.database, portal.credentials, portal.sessions, lambda _: (), TABLES.audit
    )
    assert act(NUMBER, Actor("office:山田"), portal.clock()) is not None
    # The office's own act is no work of the door.
    audit = portal.database.tables[TABLES.audit]
    for place in [one for one, row in audit.items() if row["action"] == "access_closed"]:
        del audit[place]


def slowed_network(portal: Portal, _: str) -> None:
    for other in range(100):
        portal.try_in("Wrong1234", AWAY, str(300_000 + other))


def without_a_turn(portal: Portal, number: str) -> None:
    slowed_network(portal, number)
    portal.try_in("Wrong1234", AWAY, "400000")


SIGN_IN: dict[str, Prepare] = {
    "first": nothing,
    "second": failed(1),
    "sixth": failed(5),
    "waiting": waiting,
    "fifty-first": failed(50),
    "hundredth": failed(99),
    "disabled": failed(100),
    "disabled, counters gone": disabled_and_counters_gone,
    "initial password": initial,
    "initial password ended": initial_ended,
    "known elsewhere": known_elsewhere,
    "closed": closed,
    "slowed network": slowed_network,
    "without a turn": without_a_turn,
}


def tried(prepare: Prepare, number: str, password: str = "Wrong1234", address: str = AWAY) -> Work:
    portal = Portal()
    prepare(portal, number)
    browser = at_the_door(portal, address)
    form = {"member_no": number, "password": password}
    return done_by(portal, number, lambda: browser.post(LOGIN, form))


@pytest.mark.parametrize("prepare", SIGN_IN.values(), ids=SIGN_IN)
def test_a_failed_sign_in_is_the_same_for_a_known_and_an_unknown_number(prepare: Prepare) -> None:
    """Seen red by not hashing for an unknown number, and by disabling only where a row is."""
    assert tried(prepare, NUMBER) == tried(prepare, UNKNOWN)


@pytest.mark.parametrize("prepare", [nothing, failed(5)], ids=["first", "sixth"])
def test_each_evaluated_failure_costs_one_hash_of_the_present_cost(prepare: Prepare) -> None:
    assert tried(prepare, NUMBER).hashes == tried(prepare, UNKNOWN).hashes == (COST,)


@pytest.mark.parametrize("prepare", [waiting, failed(100)], ids=["waiting", "disabled"])
def test_what_is_not_evaluated_costs_no_hash_and_writes_nothing(prepare: Prepare) -> None:
    work = tried(prepare, NUMBER)
    assert (work.hashes, work.calls) == ((), {"read": 1})


def test_a_hash_of_an_older_cost_takes_as_long_as_the_dummy() -> None:
    """After the cost was raised the time would tell who exists; seen red without levelling."""
    works = []
    for number in (NUMBER, UNKNOWN):
        portal = Portal()
        work = CountedWork()
        login = replace(portal.sign_in, hasher=Hasher(lambda: PEPPERS, COST + 3, work))
        login(portal.attempt("Wrong1234", number=number))
        works.append(sum(2**cost for cost in work.costs))
    assert works[0] == works[1] == 2 ** (COST + 3)


@pytest.mark.parametrize("before", [0, 1, 5, 50, 99, 100])
def test_the_right_password_of_a_closed_number_is_a_wrong_one(before: int) -> None:
    """Seen red by a sign-in that does not ask whether the way in is closed."""

    def prepare(portal: Portal, number: str) -> None:
        failed(before)(portal, number)
        closed(portal, number)

    right = tried(prepare, NUMBER, PASSWORD)
    assert right == tried(prepare, NUMBER) == tried(failed(before), UNKNOWN)


def test_in_a_network_the_member_used_a_closed_number_answers_as_before() -> None:
    """What counts there is another counter, as docs/sign-in.md says; closing changes nothing."""

    def known(portal: Portal, _: str) -> None:
        portal.signed_in(address=HOME)
        portal.database.tables.pop(TABLES.sessions)

    def known_and_closed(portal: Portal, number: str) -> None:
        known(portal, number)
        closed(portal, number)

    right = tried(known_and_closed, NUMBER, PASSWORD, HOME)
    assert right == tried(known, NUMBER, address=HOME)
    assert right.hashes == (COST,)


@pytest.mark.parametrize(
    "prepare", [closed, disabled_and_counters_gone], ids=["closed", "disabled"]
)
def test_the_right_password_that_opens_nothing_is_levelled_like_a_wrong_one(
    prepare: Prepare,
) -> None:
    """A cheaper hash would tell by its time that it was right; seen red without levelling."""
    works = []
    for password in (PASSWORD, "Wrong1234"):
        portal, work = Portal(), CountedWork()
        prepare(portal, NUMBER)
        login = replace(portal.sign_in, hasher=Hasher(lambda: PEPPERS, COST + 3, work))
        login(portal.attempt(password))
        works.append(sum(2**cost for cost in work.costs))
    assert works[0] == works[1] == 2 ** (COST + 3)


# Asking for a reset mail --------------------------------------------------------------------------


def asked(before: int, number: str, email: str, prepare: Prepare = nothing) -> Work:
    """Ask for a reset mail after having asked so often within this hour."""
    portal = Portal()
    prepare(portal, number)
    browser = portal.new_browser(AWAY)
    browser.get(FORGOT)
    form = {"member_no": number, "email": email}
    for _ in range(before):
        browser.post(FORGOT, form)
    return done_by(portal, number, lambda: browser.post(FORGOT, form))


@pytest.mark.parametrize("before", [0, 1, 2, 3, 100])
def test_asking_for_a_reset_mail_is_the_same_for_whatever_is_typed(before: int) -> None:
    """The right address, another one, and a number nobody has: up to, at and beyond each limit."""
    works = [
        asked(before, number, email)
        for number, email in (
            (NUMBER, REGISTERED),
            (NUMBER, "somebody@example.com"),
            (UNKNOWN, REGISTERED),
        )
    ]
    assert works[0] == works[1] == works[2]
    assert works[0].hashes == ()


def test_asking_for_a_reset_mail_reads_no_credential_and_no_record() -> None:
    """There is nothing to compare in time: the page never looks the number up."""
    assert asked(0, NUMBER, REGISTERED).calls == {"write": 2}


def test_a_reset_mail_is_asked_for_alike_when_the_password_is_disabled() -> None:
    assert asked(0, NUMBER, REGISTERED, failed(100)) == asked(0, UNKNOWN, REGISTERED, failed(100))


def test_a_reset_mail_is_asked_for_alike_when_the_way_in_is_closed() -> None:
    assert asked(0, NUMBER, REGISTERED, closed) == asked(0, UNKNOWN, REGISTERED)


def test_the_right_password_is_what_makes_the_difference() -> None:
    """The measure itself sees one: otherwise all of the above would prove nothing."""
    portal = Portal()
    browser = at_the_door(portal)
    form = {"member_no": NUMBER, "password": PASSWORD}
    right = done_by(portal, NUMBER, lambda: browser.post(LOGIN, form))
    assert replace(right, text="") != replace(tried(nothing, UNKNOWN), text="")
