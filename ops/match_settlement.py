"""``match-settlement``: GMO's 入金明細 CSV against our payments, line by line (L21).

Nothing is booked. Without ``--yes`` nothing is written; with it each difference becomes a
discrepancy, and the same file a second time writes nothing.
"""

import argparse
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from ops.desk import DONE, REFUSED, Commands, Desk, text
from portal import audit
from portal.billing.match_settlement import Finding, Outcome, Result, match, note
from portal.billing.model import Method, Payment
from portal.billing.rows import payment_of
from portal.billing.settlement_file import Columns, SettlementFileError, decoded, read
from portal.database import Item

COLUMNS = Path(__file__).with_name("settlement_columns.toml")
SHOW_EVERY = 5000
MANY = 200
"""Differences that are more likely another system's file, or a wrong period, than the truth."""

SHOWN = 50
"""Differences that are printed one by one; the rest is in the list of discrepancies."""

WORDS: Mapping[Outcome, str] = {
    Outcome.AGREED: "一致",
    Outcome.REFUND_AGREED: "返金も一致",
    Outcome.DIFFERS: "金額か決済方法が違う",
    Outcome.NOT_PAID: "明細にあるが、ポータルでは入金済でない",
    Outcome.REFUND: "明細では返金、ポータルと違う",
    Outcome.UNKNOWN: "知らない注文",
    Outcome.MISSING: "ポータルでは入金済だが、明細にない",
}


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    made = commands.add_parser("match-settlement", help="GMO の入金明細 CSV と照合する")
    made.add_argument("file", type=Path, metavar="FILE", help="入金明細の CSV")
    made.add_argument("--columns", type=Path, default=COLUMNS, help="列の名前を書いた TOML")
    made.add_argument("--from", dest="first", type=date.fromisoformat, help="期間の初日")
    made.add_argument("--to", dest="last", type=date.fromisoformat, help="期間の末日")
    made.add_argument("--by", type=text, help="担当者名（--yes のときに必要）")
    made.add_argument("--yes", action="store_true", help="食い違いを一覧に書く")
    made.add_argument("--many", action="store_true", help=f"{MANY}件より多くても書く")
    made.set_defaults(act=matched)


def matched(typed: argparse.Namespace, desk: Desk) -> int:
    """Compare and print. The status is 0 when everything agrees."""
    if typed.yes and not typed.by:
        desk.say("--yes には --by（担当者名）が必要です。")
        return REFUSED
    if bool(typed.first) != bool(typed.last):
        desk.say("--from と --to は両方を指定してください。")
        return REFUSED
    if typed.first and typed.first > typed.last:
        desk.say("--from が --to より後の日付です。")
        return REFUSED
    try:
        content = typed.file.read_bytes()
        lines = list(read(decoded(content), columns_of(typed.columns)))
    except (OSError, SettlementFileError) as error:
        desk.say(f"ファイルを読めません: {error}")
        return REFUSED
    desk.say(f"{len(lines):,} 行を読みました。")
    period = (typed.first, typed.last) if typed.first else None
    result = match(lines, _payments(desk), period)
    report(result, desk)
    if not typed.yes:
        desk.say("確認のみです。食い違いを一覧に書くには --yes を付けてください。")
    elif len(result.differences) > MANY and not typed.many:
        desk.say(
            f"食い違いが {MANY} 件より多いため、書きませんでした。"
            "ファイル・列・期間を確かめてください。正しければ --many を付けてください。"
        )
    else:
        _noted(result.differences, content, typed.by, desk)
    return REFUSED if result.differences or result.unreadable else DONE


def columns_of(path: Path) -> Columns:
    """Read the names of the columns. Raises SettlementFileError when the file is at fault."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        methods = {name: Method(value) for name, value in given.pop("methods", {}).items()}
        return Columns(methods=methods, **{part: tuple(names) for part, names in given.items()})
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise SettlementFileError(f"列の名前のファイルに誤りがあります（{error}）") from error


def report(result: Result, desk: Desk) -> None:
    """Print counts first, then what does not agree."""
    for outcome, word in WORDS.items():
        desk.say(f"{result.counts[outcome]:>8,} 件  {word}")
    desk.say(f"{len(result.unreadable):>8,} 行  読めない行")
    if result.period:
        desk.say(f"明細にないものを調べた期間: {result.period[0]} から {result.period[1]} まで")
    else:
        desk.say("日付の列がないため、明細にないものは調べていません（--from と --to で指定）。")
    for unreadable in result.unreadable[:SHOWN]:
        desk.say(f"  {unreadable.number}行目: {unreadable.why}")
    for finding in result.differences[:SHOWN]:
        desk.say(f"  {finding.order_id}  {WORDS[finding.outcome]}  {_amounts(finding)}")
    if len(result.differences) > SHOWN:
        desk.say(f"  ほか {len(result.differences) - SHOWN:,} 件")


def _amounts(finding: Finding) -> str:
    given = {"明細": "file_paid", "明細の返金": "file_given_back", "ポータル": "paid_amount"}
    told = {name: finding.evidence.get(key) for name, key in given.items()}
    return " ".join(f"{name} {yen:,}円" for name, yen in told.items() if isinstance(yen, int))


def _payments(desk: Desk) -> Iterator[Payment]:
    for number, row in enumerate(_rows(desk), start=1):
        if number % SHOW_EVERY == 0:
            desk.say(f"… 支払い {number:,} 件を読みました")
        yield payment_of(row)


def _rows(desk: Desk) -> Iterable[Item]:
    return desk.payments(desk.tables.billing)


def _noted(differences: Sequence[Finding], content: bytes, by: str, desk: Desk) -> None:
    now, noted = desk.clock(), 0
    told = audit.entry(
        desk.tables.audit,
        actor=f"office:{by}",
        action="settlement_file.matched",
        subject=f"settlement-file#{hashlib.sha256(content).hexdigest()[:16]}",
        at=now,
        after={"differences": len(differences)},
    )
    for number, finding in enumerate(differences, start=1):
        # With the first that is new, so that a run which is stopped in the middle is told of too.
        noted += note(desk.database, desk.store, finding, now, *(() if noted else (told,)))
        if number % SHOW_EVERY == 0:
            desk.say(f"… {number:,} 件を書きました")
    desk.say(f"食い違いの一覧に {noted:,} 件を書きました。")
