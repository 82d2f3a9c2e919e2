"""One state of the page 会員編集, and how it is rendered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.member import address, posted, view
from portal.members.checks import Problem
from portal.members.confirm_profile import is_right
from portal.members.model import Member, Record
from portal.web.http import Request, Response
from portal.web.render import Renderer

type Switch = Callable[[], bool]
"""Tells the society's setting, which is read when it is first asked for."""


@dataclass(frozen=True)
class Notice:
    """What the page tells. *field* names the field it stands at, nothing for the page's top."""

    text: str
    kind: str = "good"
    field: str = ""


@dataclass(frozen=True)
class Editing:
    """One state of the page 会員編集. *version* is the one that the shown texts are based on."""

    member: Member
    version: int
    invoice: str
    values: Mapping[str, str]
    problems: Mapping[str, Problem]
    mine: Record | None = None
    notice: Notice | None = None
    resumed: bool = False
    search: address.Search | None = None
    changed_elsewhere: bool = False
    unsaved: bool = True
    email_kept: str = ""
    """The address the member was asked about; sent back with 保存, it is taken."""


class Sheet:
    """Renders the page. *true_name* tells whether the display names are on it."""

    def __init__(self, renderer: Renderer, true_name: Switch) -> None:
        self._renderer = renderer
        self._true_name = true_name

    def page(self, request: Request, editing: Editing, status: int) -> Response:
        """Return the page in one state."""
        member, mine = editing.member, editing.mine
        return self._renderer.page(
            request,
            "profile_edit.html",
            status,
            version=editing.version,
            invoice=editing.invoice,
            whose=posted.whose(member.member_id),
            groups=view.groups(editing.values, editing.problems, true_name=self._true_name()),
            errors={name: view.one_text(one) for name, one in editing.problems.items()},
            differences=view.differences(mine, member) if mine else [],
            changed_elsewhere=editing.changed_elsewhere,
            told=editing.notice,
            search=editing.search,
            resumed=editing.resumed,
            unsaved=editing.unsaved,
            email_kept=editing.email_kept,
            may_confirm=not editing.unsaved and is_right(member),
        )
