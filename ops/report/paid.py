"""Money by the JST day, week or month it came, and by how it was paid."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ops.desk import DONE, Desk
from ops.exits import Status
from ops.output import Column
from ops.report.given import Fact, Report, give
from ops.report.picture import Bar, chart, drawn, in_terminal, kind_of
from ops.report.reading import entries
from ops.words.payments import METHODS
from portal.billing.sums import By, Line, Received

_PERIODS = {By.DAY: "日", By.WEEK: "週（月曜日から）", By.MONTH: "月"}


def columns(by: By) -> tuple[Column, ...]:
    """Return the columns of the table."""
    return (
        Column("begins", _PERIODS[by]),
        Column("number", "件数"),
        *(Column(method.value, name) for method, name in METHODS.items()),
        Column("yen", "合計"),
        Column("given_back", "うち返金"),
        Column("kept", "差引"),
    )


def paid(year: int, by: By, file: Path | None, picture: Path | None, desk: Desk) -> Status:
    """Show what came in for the dues of one fiscal year."""
    if picture is not None:
        kind_of(picture)
    received = Received(year, by)
    for entry in entries(desk):
        received.add(entry)
    received.end()
    lines = list(received.in_order())
    rows = [_row(begins, line) for begins, line in lines]
    desk.say(f"{year}年度の会費の入金（日付は日本時間）")
    give(Report("paid", columns(by), rows), file, desk)
    desk.say(_summed(received.total) if lines else "入金はありません。")
    desk.out.fact("total", _sums(received.total))
    _show_bars(lines, desk)
    if received.astray.number:
        desk.say(
            f"このほか、請求に合わない入金が {received.astray.number:,}件、"
            f"{received.astray.yen:,}円あります（discrepancies list）。"
        )
    if picture is not None:
        title = f"{year}年度の会費の入金"
        drawn(chart(list(_bars(lines, by)), list(METHODS.values()), title, _PERIODS[by]), picture)
        desk.say(f"{picture} に図を書きました。")
    return DONE


def _row(begins: date, line: Line) -> list[Fact]:
    return [begins, *_sums(line).values()]


def _sums(line: Line) -> dict[str, int]:
    """Return the sums of a line by the keys of their columns, in their order."""
    total = line.total
    by_method = {method.value: line.by_method[method].yen for method in METHODS}
    came = {"number": total.number, **by_method, "yen": total.yen}
    return {**came, "given_back": line.gone.yen, "kept": line.kept}


def _summed(total: Line) -> str:
    """Return the total as a sentence: as a row it would be added to the others in Excel."""
    ways = "、".join(f"{name} {total.by_method[one].yen:,}円" for one, name in METHODS.items())
    came = total.total
    return (
        f"合計 {came.number:,}件 {came.yen:,}円（{ways}）"
        f"うち返金 {total.gone.yen:,}円、差引 {total.kept:,}円"
    )


def _bars(lines: list[tuple[date, Line]], by: By) -> Iterator[Bar]:
    for begins, line in lines:
        for method, name in METHODS.items():
            if line.by_method[method].yen:
                yield Bar(begins, by.after(begins), name, line.by_method[method].yen)


def _show_bars(lines: list[tuple[date, Line]], desk: Desk) -> None:
    for text in in_terminal([(begins.isoformat(), line.total.yen) for begins, line in lines]):
        desk.out.draw(text)
