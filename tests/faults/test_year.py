"""A small dues year; ``make simulate`` lives the one of 10,000 members and writes its report."""

from benchmarks.simulate.__main__ import Progress, simulate
from benchmarks.simulate.report import Outcome

MEMBERS, SEED = 150, 7


class Quiet(Progress):
    """Tells nothing."""

    def say(self, what: str) -> None:
        assert what


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
    assert len(outcome.year.watch.receipts) == len(outcome.year.ses.taken) - sum(
        mail.startswith(("slip_issued#", "slip_expired#")) for mail in outcome.year.ses.taken
    )


def test_the_report_and_the_picture_tell_of_the_year() -> None:
    outcome = year()
    text = outcome.markdown()
    assert f"**{outcome.line()}**" in text
    assert "| notifications lost |" in text
    assert outcome.picture().svg().startswith("<svg ")
