"""One text in every field of a form."""

from urllib.parse import urlencode

from portal.members.fields import NAMES
from tests.stack.client import Answer
from tests.stack.forms import Row
from tests.stack.world import World


def sent(world: World, row: Row, text: str) -> list[Answer]:
    """Send a right form once for each field, with *text* in that field.

    The record's fields get it all at once, so that nothing is saved; what a free text of the record
    looks like once it is saved, test_bad_input.py has
    (test_markup_in_a_free_text_is_shown_as_text).
    """
    form, names = world.form(row), [one.name for one in row.fields]
    record = [name for name in names if name in NAMES and row.path == "/member/profile/edit"]
    changes = [{name: text} for name in names if name not in record]
    changes += [dict.fromkeys(record, text)] if record else []
    return [world.send(row, urlencode({**form, **one}).encode()) for one in changes]
