"""``dues remind``: counts the reminders that are due, or queues them by hand.

Without ``--yes`` nothing is written. With it the run is the schedule's own; both at once tell
nothing twice.
"""

import math
from collections.abc import Mapping

from ops.desk import DONE, Desk, Signature
from ops.exits import Status
from ops.people import named_line, people
from ops.preview import First, in_a_line
from portal.billing.remind import Reminding, Report
from portal.billing.reminder_rows import Due
from portal.database import DatabaseError
from portal.members.model import Member

WORDS: Mapping[str, str] = {
    "dues_reminder": "会費の督促",
    "qualification_warning": "資格喪失の警告",
    "slip_reminder": "コンビニ払いの期限のお知らせ",
    "no step has come yet": "まだ時期でない",
    "its slip is open": "見送り（コンビニ支払い待ち）",
    "money may be on its way": "見送り（入金を確認中）",
    "nothing is open any more": "終了（支払いを待っていない）",
    "was told before": "送信済み",
    "was changed meanwhile": "その間に変わった（次回）",
    "could not be looked at": "確認できなかった（翌日に再度）",
}


def remind(most: int, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Count what is due, or queue at most so many mails."""
    reminding = Reminding(desk.database, desk.store, desk.clock, desk.society, desk.tables.outbox)
    seen = _Seen(desk)
    if not yes:
        told(reminding.dry_run(seen), seen.first, desk)
        desk.out.fact("done", value=False)
        desk.say("確認のみです。何も送られません。実行するには --yes を付けてください。")
        return DONE
    # Who began it by hand; of each mail the outbox tells.
    desk.database.commit(desk.audited("reminders.run", "reminders", signature))
    report = reminding.run(lambda: math.inf, most=most, each=seen)
    told(report, seen.first, desk)
    desk.out.fact("done", value=True)
    if not report.finished:
        desk.say("上限に達しました。残りは次の自動実行か、もう一度の実行で続きから行われます。")
    return DONE


class _Seen:
    """Hears of each row: tells how many there were, and keeps the first of each kind."""

    def __init__(self, desk: Desk) -> None:
        # How many rows are due is only known when they were read.
        self._progress = desk.progress(0, "件を確認しました")
        self.first: First[str, Due] = First()

    def __call__(self, outcome: str, due: Due) -> None:
        """Hear of one row."""
        self.first.add(outcome, due)
        self._progress.step()


def told(report: Report, first: First[str, Due], desk: Desk) -> None:
    """Print the counts, the most frequent first, and the first members of each kind."""
    members = _members(first, desk)
    numbers: dict[str, list[str]] = {}
    for label, number in sorted(report.counts.items(), key=lambda one: (-one[1], one[0])):
        who = [members[one.member_id] for one in first.of(label) if one.member_id in members]
        numbers[label] = [one.member_no for one in who]
        desk.say(f"{number:>8,} 件  {in_words(label)}")
        if who:
            desk.say(in_a_line([named_line(one) for one in who], of=number))
    desk.out.fact("first", numbers)
    desk.say(f"{report.told:>8,} 件  メール合計")
    desk.out.fact("counts", dict(report.counts))
    desk.out.fact("told", report.told)
    desk.out.fact("finished", report.finished)


def _members(first: First[str, Due], desk: Desk) -> Mapping[str, Member]:
    """Return whom the first rows are of; nobody where that cannot be read.

    The mails are queued by then, and how many is to be told in any case.
    """
    try:
        return people((one.member_id for rows in first.rows.values() for one in rows), desk)
    except DatabaseError:
        return {}


def in_words(label: str) -> str:
    """Return a count's label as the office reads it."""
    kind, _, days = label.rpartition(" ")
    if kind not in WORDS:
        return WORDS.get(label, label)
    where = "前" if int(days) >= 0 else "後"
    return f"{WORDS[kind]}（期限の{abs(int(days))}日{where}）"
