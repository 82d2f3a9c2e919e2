"""``remind``: counts the reminders that are due, or queues them by hand.

Without ``--yes`` nothing is written. With it the run is the schedule's own; both at once tell
nothing twice.
"""

import argparse
import math
from collections.abc import Mapping

from ops.desk import DONE, Commands, Desk
from portal.billing.remind import PER_RUN, Reminding, Report

SHOW_EVERY = 500

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


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    made = commands.add_parser("remind", help="督促を数える・送信待ちに入れる")
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--dry-run", action="store_true", help="件数だけを表示する（何も書かない）")
    what.add_argument("--yes", action="store_true", help="送信待ちに入れる")
    made.add_argument("--most", type=int, default=PER_RUN, help="一度に入れる件数の上限")
    made.set_defaults(act=remind)


def remind(typed: argparse.Namespace, desk: Desk) -> int:
    """Count or queue what is due. Returns the command's exit status."""
    reminding = Reminding(desk.database, desk.store, desk.clock, desk.society, desk.tables.outbox)

    def progress(number: int) -> None:
        if number % SHOW_EVERY == 0:
            desk.say(f"… {number:,} 件を確認しました")

    if not typed.yes:
        told(reminding.dry_run(progress=progress), desk)
        desk.say("確認のみです。何も送られません。")
        return DONE
    report = reminding.run(lambda: math.inf, most=typed.most, progress=progress)
    told(report, desk)
    if not report.finished:
        desk.say("上限に達しました。残りは次の自動実行か、もう一度の実行で続きから行われます。")
    return DONE


def told(report: Report, desk: Desk) -> None:
    """Print the counts, the most frequent first."""
    for label, number in sorted(report.counts.items(), key=lambda one: (-one[1], one[0])):
        desk.say(f"{number:>8,} 件  {in_words(label)}")
    desk.say(f"{report.told:>8,} 件  メール合計")


def in_words(label: str) -> str:
    """Return a count's label as the office reads it."""
    kind, _, days = label.rpartition(" ")
    if kind not in WORDS:
        return WORDS.get(label, label)
    where = "前" if int(days) >= 0 else "後"
    return f"{WORDS[kind]}（期限の{abs(int(days))}日{where}）"
