"""``audit find``: who did what, when, to whom and why (M53).

Of one member it is a query of the member's entries. Without a member the whole table is read: the
office asks that a few times a year, and an index would cost a write at every act (decision 0041).
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer

from ops.audit.change import change
from ops.desk import DONE, REFUSED, Desk, japanese, named
from ops.exits import Status
from ops.options import acting, day
from ops.output import Column, Plain
from ops.people import people
from ops.scan import Scan
from ops.words import audit as words
from portal.clock import JST, iso, parse_iso
from portal.database import Item, Query

app = typer.Typer(help="監査記録（だれが、いつ、何をしたか）", no_args_is_help=True)

COLUMNS = (
    Column("at", "日時"),
    Column("who", "だれが"),
    Column("what", "何を"),
    Column("whom", "だれの"),
    Column("why", "理由"),
    Column("change", "変更の前 → 後"),
)
_STAMP = len("2026-11-22T03:04:05.123456Z")


@app.callback()
def group() -> None:
    """Keep ``find`` a word of its own while it is the only one."""


@app.command("find", help="監査記録を探す（新しい順）。--member がなければ全部を読む")
def find_command(
    ctx: typer.Context,
    *,
    member: Annotated[str, typer.Option(metavar="会員番号", help="この会員についての記録")] = "",
    by: Annotated[str, typer.Option(help="担当者名の一部、または GMO・自動処理")] = "",
    action: Annotated[str, typer.Option(help="操作（「免除」のような言葉の一部でも）")] = "",
    since: Annotated[date | None, typer.Option(parser=day, help="この日から")] = None,
    until: Annotated[date | None, typer.Option(parser=day, help="この日まで")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="表示する件数")] = 50,
) -> None:
    """Find entries."""
    asked = Asked(by, action, Days(since, until), limit)
    acting(ctx, lambda desk: found(member, asked, desk))


@dataclass(frozen=True)
class Days:
    """JST days from *since* to *until*, both inside; None is without end."""

    since: date | None = None
    until: date | None = None

    @property
    def first(self) -> str:
        """The sort key that none of these days lies before."""
        return iso(_begins(self.since)) if self.since else ""

    @property
    def end(self) -> str:
        """The first sort key after these days."""
        return iso(_begins(self.until + timedelta(days=1))) if self.until else ""

    def hold(self, sort_key: str) -> bool:
        """Tell whether an entry is of these days."""
        return self.first <= sort_key and not (self.end and sort_key >= self.end)


@dataclass(frozen=True)
class Asked:
    """What is looked for, as typed; what is empty leaves nothing out. *limit* are shown."""

    by: str
    action: str
    days: Days
    limit: int

    @property
    def actions(self) -> frozenset[str]:
        """The acts that are meant, none of which there may be."""
        return words.actions_like(self.action) if self.action else frozenset()

    def picked(self, entries: Iterable[Item]) -> Iterator[Item]:
        """Yield the entries that are meant."""
        wanted = self.actions
        for one in entries:
            if wanted and one["action"] not in wanted:
                continue
            if not self.by or words.acted_by(one, self.by):
                yield one


def found(member: str, asked: Asked, desk: Desk) -> Status:
    """Show the newest entries that are asked for, of one member where one is named."""
    if asked.action and not asked.actions:
        desk.say(f"「{asked.action}」という操作はありません。操作の言葉:")
        desk.say("、".join(words.ACTIONS.values()))
        return REFUSED
    credential = named(member, desk) if member else None
    if member and credential is None:
        return REFUSED
    days = asked.days
    entries = _of_member(credential.member_id, days, desk) if credential else _all(days, desk)
    count = _Count()
    picked = count.counted(asked.picked(entries))
    newest = heapq.nlargest(asked.limit, picked, key=lambda one: str(one["sk"]))
    _show(newest, desk)
    cut = f"（新しい {asked.limit:,}件を表示。--limit で増やせます）"
    desk.say(f"{count.number:,}件{cut if count.number > asked.limit else ''}")
    desk.out.fact("found", count.number)
    return DONE


@dataclass
class _Count:
    """Counts what goes by."""

    number: int = 0

    def counted(self, entries: Iterable[Item]) -> Iterator[Item]:
        for one in entries:
            self.number += 1
            yield one


def _of_member(member_id: str, days: Days, desk: Desk) -> Iterator[Item]:
    rows = desk.database.query(Query(desk.tables.audit, member_id, newest_first=True))
    return (row for row in rows if days.hold(str(row["sk"])))


def _all(days: Days, desk: Desk) -> Iterable[Item]:
    return desk.rows(Scan(desk.tables.audit, since=days.first, until=days.end))


def _show(entries: list[Item], desk: Desk) -> None:
    ids = [str(one[name]) for one in entries for name in ("pk", "actor")]
    # The id of a member has no colon; office:NAME, sign-in:MASK and others have.
    whose = people((one for one in ids if ":" not in one), desk)
    numbers = {ident: one.member_no for ident, one in whose.items()}
    desk.out.table("entries", COLUMNS, [_row(one, numbers) for one in entries])
    # A program gets all of an entry, and not the office's words.
    desk.out.fact("entries", [_whole(one, numbers) for one in entries])


def _row(entry: Item, numbers: Mapping[str, str]) -> tuple[str, ...]:
    return (
        japanese(_moment(entry)),
        words.actor(entry, numbers),
        words.action(str(entry["action"])),
        words.subject(entry, numbers),
        str(entry.get("note") or ""),
        change(entry),
    )


def _whole(entry: Item, numbers: Mapping[str, str]) -> Plain:
    told: dict[str, Plain] = {
        "at": iso(_moment(entry)),
        "subject": str(entry["pk"]),
        "member_no": numbers.get(str(entry["pk"]), ""),
    }
    told |= {name: str(entry.get(name) or "") for name in ("actor", "action", "source", "note")}
    return told | {name: _plain(entry.get(name)) for name in ("before", "after")}


def _plain(value: object) -> Plain:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int) else str(value)


def _moment(entry: Item) -> datetime:
    return parse_iso(str(entry["sk"])[:_STAMP])


def _begins(day_: date) -> datetime:
    return datetime.combine(day_, time(), JST)
