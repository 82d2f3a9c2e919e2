"""A spray of ten thousand numbers from one address: slowed, seen, alarmed, nobody locked out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.accounts.model import first_credential
from portal.accounts.sign_in import Refused, SignedIn, Wait
from portal.accounts.throttle import WaitingRules, network_of
from tests.metrics import Metrics, counted
from tests.unit.accounts.desk import AWAY, INITIAL, Desk, Portal
from tests.unit.accounts.test_attackers import quick
from tests.unit.members.desk import TABLES
from tests.unit.template.loading import load
from tests.webclient import Browser

LOGIN = "/member/login"
NUMBERS = 10_000
COLLEAGUES = 40
ALARMS: dict[str, Any] = {
    name: resource["Properties"]
    for name, resource in load()["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
OURS = (
    "NetworkSprayAlarm",
    "NumbersUnderAttackAlarm",
    "SignInRefusedAlarm",
    "SignInRefusedDayAlarm",
)


def enrol_colleagues(desk: Desk) -> list[str]:
    """Enrol members who work behind the attacker's address and signed in there last week."""
    stored = desk.hasher.hash(INITIAL, desk.clock())
    numbers = [f"0{n:05}" for n in range(COLLEAGUES)]
    for number in numbers:
        credential = first_credential(number, f"m{number}".ljust(26, "0"), stored, desk.policy)
        desk.database.commit(desk.credentials.create(credential))
        row = desk.database.tables[TABLES.credentials][number, ""]
        row["networks"] = {network_of(AWAY): "2026-11-15T00:00:00.000000Z"}
    return numbers


def signs_in(browser: Browser, number: str, password: str) -> int:
    """Send the sign-in form and return the status."""
    return browser.post(LOGIN, {"member_no": number, "password": password}).status


def visitor(portal: Portal) -> Browser:
    browser = portal.new_browser(AWAY)
    browser.get(LOGIN)
    return browser


def rings(metrics: Metrics, name: str) -> datetime | None:
    return metrics.first_alarm(ALARMS[name])


def test_it_is_slowed_seen_and_alarmed_while_members_known_there_sign_in() -> None:
    """Ten tries a second for 1,000 seconds."""
    desk = quick(Desk())
    colleagues = enrol_colleagues(desk)
    began, outcomes, welcomed = desk.clock(), [], []
    desk.work.costs.clear()
    with counted(desk.clock) as metrics:
        for number in range(NUMBERS):
            outcomes.append(desk.try_in("Spring2026", AWAY, str(100_000 + number)))
            if number % (NUMBERS // COLLEAGUES) == 100:
                welcomed.append(desk.try_in(INITIAL, AWAY, colleagues.pop()))
            desk.clock.tick(milliseconds=100)
    # Slowed: a hundred at once, then two a minute; every other try cost no hash.
    evaluated = outcomes.count(Refused())
    assert evaluated == 100 + 33
    assert sum(isinstance(one, Wait) for one in outcomes) == NUMBERS - evaluated
    assert len(desk.work.costs) == evaluated + COLLEAGUES
    # Seen: each different number once.
    assert metrics.values("NumbersPerNetwork") == [*range(1, evaluated + 1)]
    # Alarmed: at the 51st number, five seconds after it began.
    assert rings(metrics, "NetworkSprayAlarm") == began + timedelta(seconds=5)
    # And nobody known there noticed anything.
    assert [type(one) for one in welcomed] == [SignedIn] * COLLEAGUES


def test_the_page_tells_a_slowed_network_the_time_and_counts_what_it_answered() -> None:
    portal = Portal()
    (colleague, *_) = enrol_colleagues(portal)
    attacker = visitor(portal)
    with counted(portal.clock) as metrics:
        answers = [signs_in(attacker, str(100_000 + number), "x") for number in range(120)]
        page = attacker.post(LOGIN, {"member_no": "200000", "password": "x"})
        assert signs_in(visitor(portal), colleague, INITIAL) == 303
    assert (answers.count(422), answers.count(429)) == (101, 19)
    assert (page.status, page.headers["Retry-After"]) == (429, ["31"])
    assert "あと1分お待ちください" in page.text
    told = [len(metrics.values("SignIn", outcome=one)) for one in ("Refused", "Wait", "SignedIn")]
    assert told == [101, 20, 1]


def test_a_patient_one_needs_two_days_and_rings_at_once() -> None:
    """One that waits as long as it is told and loses no try, watched for six hours."""
    desk, hours, tried = quick(Desk()), 6, 0
    began = desk.clock()
    with counted(desk.clock) as metrics:
        while desk.clock() < began + timedelta(hours=hours):
            outcome = desk.try_in("Spring2026", AWAY, str(100_000 + tried))
            if isinstance(outcome, Wait):
                desk.clock.tick(seconds=outcome.wait.total_seconds())
            else:
                tried += 1
    assert tried / hours == 220
    assert NUMBERS / (tried / hours) > 45
    assert tried / hours * 24 > ALARMS["SignInRefusedDayAlarm"]["Threshold"]
    assert rings(metrics, "NetworkSprayAlarm") == began


def test_one_from_a_thousand_networks_is_seen_by_all_failures_together() -> None:
    """A number every second, each from another network: none of them is slowed or stands out."""
    portal = Portal()
    attacker, began = visitor(portal), portal.clock()
    with counted(portal.clock) as metrics:
        for number in range(400):
            attacker.source_ip = f"198.{18 + number // 250}.{number % 250}.1"
            assert signs_in(attacker, str(100_000 + number), "Spring2026") == 422
            portal.clock.tick(seconds=1)
    assert rings(metrics, "NetworkSprayAlarm") is None
    assert rings(metrics, "SignInRefusedAlarm") == began + timedelta(seconds=300)


@pytest.mark.parametrize(("numbers", "rung"), [(20, False), (21, True)])
def test_more_than_twenty_numbers_under_attack_ring(numbers: int, rung: bool) -> None:
    """An attacker that waits out every wait, until each number has failed 51 times in a row."""
    desk = quick(Desk())
    with counted(desk.clock) as metrics:
        for _ in range(51):
            desk.clock.tick(hours=1, seconds=1)
            for number in range(numbers):
                desk.try_in("Wrong1234", AWAY, str(100_000 + number))
    assert metrics.values("NumberUnderAttack") == [1] * numbers
    assert (rings(metrics, "NumbersUnderAttackAlarm") is not None) is rung


@pytest.mark.parametrize(
    ("name", "threshold"),
    [("NetworkSprayAlarm", WaitingRules().network_watched), ("NumbersUnderAttackAlarm", 20)],
)
def test_the_thresholds_are_the_rules(name: str, threshold: int) -> None:
    assert ALARMS[name]["Threshold"] == threshold


def test_an_hour_in_which_every_member_of_a_hospital_errs_once_slows_nobody() -> None:
    """Forty members who never signed in there: each fails, then signs in; no alarm, no wait."""
    portal = Portal()
    numbers = enrol_colleagues(portal)
    for number in numbers:
        portal.database.tables[TABLES.credentials][number, ""]["networks"] = {}
    with counted(portal.clock) as metrics:
        for number in numbers:
            browser = visitor(portal)
            assert signs_in(browser, number, "hajime55") == 422
            assert signs_in(browser, number, INITIAL) == 303
            portal.clock.tick(minutes=1)
    assert [name for name in OURS if rings(metrics, name)] == []
