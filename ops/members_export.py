"""Use case: all members as rows for a spreadsheet, such that an import of them changes nothing."""

from collections.abc import Iterable, Iterator, Sequence

from ops.members_file import Columns
from portal.database import Item
from portal.members import store
from portal.members.importing import QUALIFICATION
from portal.members.model import Member


def header(columns: Columns) -> list[str]:
    """Return the names of the columns, each by its first name."""
    fields = [texts[0] for texts in columns.fields.values()]
    return [columns.number[0], *fields, columns.version[0]]


def sorted_rows(members: Iterable[Item], columns: Columns) -> Iterator[Sequence[str]]:
    """Yield the cells of each member, by number."""
    names = tuple(columns.fields)
    # A table is read in no order; texts alone are kept, a few hundred bytes for each member.
    yield from sorted(_cells(store.parse(item), names) for item in members)


def _cells(member: Member, names: Sequence[str]) -> tuple[str, ...]:
    texts = (_text(member, name) for name in names)
    return (member.member_no, *texts, str(member.version))


def _text(member: Member, name: str) -> str:
    if name == QUALIFICATION.name:
        return member.qualification
    return str(getattr(member.record, name))
