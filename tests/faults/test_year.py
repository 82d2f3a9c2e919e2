"""A small dues year; ``make simulate`` lives the one of 10,000 members and writes its report."""

from collections import Counter
from functools import cache

from benchmarks.simulate.__main__ import Progress, simulate
from benchmarks.simulate.report import Outcome
from tests.faults.mails import COMPLETED

MEMBERS, SEED = 150, 7


class Quiet(Progress):
    """Tells nothing."""

    def say(self, what: str) -> None:
        assert what


@cache
def year() -> Outcome:
    return simulate(MEMBERS, SEED, Quiet())


def test_in_a_year_with_faults_nothing_is_lost_or_doubled() -> None:
    outcome = year()
    assert list(outcome.wrong) == []
    assert outcome.line() == f"0 lost, 0 doubled, 0 unmatched of {MEMBERS} members"
    seen = outcome.year.seen
    assert seen["GMO: credit CAPTURE"] > 50
    assert seen["GMO: cvs PAYSUCCESS"] > 20
    assert seen["GMO: cvs EXPIRED"] > 0
    assert seen["notifications lost"] > 0
    assert seen["acts of the office"] > 5
    completed = [one for one in outcome.year.ses.taken if one.startswith(COMPLETED)]
    recorded = [what for what, _ in outcome.year.promised if what == "recorded"]
    assert len(outcome.year.watch.receipts) == len(completed) + len(recorded)


def test_in_a_year_who_owes_is_reminded_and_who_has_paid_is_not() -> None:
    """Each step's day has fewer to remind than the one before, as they pay."""
    year_lived = year().year
    told = Counter(
        mail.rpartition("#")[2]
        for mail in year_lived.ses.taken
        if mail.startswith("dues_reminder#")
    )
    assert told["30"] > told["7"] > told["-14"] > 0
    assert told["-45"] > 0


def test_the_report_and_the_picture_tell_of_the_year() -> None:
    outcome = year()
    text = outcome.markdown()
    assert f"**{outcome.line()}**" in text
    assert "| notifications lost |" in text
    assert outcome.picture().svg().startswith("<svg ")
