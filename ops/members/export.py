"""``members export``: all members as rows for a spreadsheet, whose import changes nothing (M51)."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ops.desk import DONE, REFUSED, Desk, Signature
from ops.disk import fault
from ops.encodings import FileRefused
from ops.exits import Status
from ops.members.csv_file import Columns, society_columns
from ops.scan import Scan
from ops.sheet import written
from portal.database import Item
from portal.members import store
from portal.members.importing import texts
from portal.members.model import Member


def exported(file: Path, columns: Path, signature: Signature, desk: Desk) -> Status:
    """Write all members into a new file."""
    if file.exists():
        desk.say(f"{file} はすでにあります。別の名前にしてください。")
        return REFUSED
    try:
        count = _written(file, society_columns(columns, desk), signature, desk)
    except FileRefused as error:
        desk.say(f"書き出せません: {error}")
        return REFUSED
    except OSError as error:
        desk.say(f"{file} に書けません（{fault(error)}）。")
        return REFUSED
    desk.out.fact("members", count)
    desk.out.fact("file", str(file))
    desk.say(f"{count:,} 人を {file} に書き出しました。")
    desk.say("個人情報です。用が済んだら削除してください。")
    return DONE


def _written(file: Path, columns: Columns, signature: Signature, desk: Desk) -> int:
    rows = desk.rows(Scan(desk.tables.members, begins=(store.PROFILE,)))
    count = 0
    with written(file) as sheet:
        sheet.add(header(columns))
        for row in sorted_rows(rows, columns, desk.society.kind_names):
            sheet.add(row)
            count += 1
        # Before the file is there: nobody has the members without a trace of it.
        desk.database.commit(
            desk.audited("members_exported", "members", signature, after={"members": count})
        )
    return count


def header(columns: Columns) -> list[str]:
    """Return the names of the columns, each by its first name."""
    fields = [texts[0] for texts in columns.fields.values()]
    return [columns.number[0], *fields, *(texts[0] for texts in columns.versions.values())]


def sorted_rows(
    members: Iterable[Item], columns: Columns, kinds: Sequence[str]
) -> Iterator[Sequence[str]]:
    """Yield the cells of each member, by number; those of whom nothing is left are left out."""
    names = tuple(columns.fields)
    found = (store.parse(item) for item in members)
    # A table is read in no order; texts alone are kept, a few hundred bytes for each member.
    yield from sorted(_cells(one, names, kinds) for one in found if not one.anonymised)


def _cells(member: Member, names: Sequence[str], kinds: Sequence[str]) -> tuple[str, ...]:
    said = texts(member, kinds)
    versions = (str(member.version), str(member.office_version))
    return (member.member_no, *(said[name] for name in names), *versions)
