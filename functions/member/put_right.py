"""The buttons of 会員編集 that put texts into its fields. Nothing is stored before 保存."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from functions.member import address, posted, view
from functions.member.beside import member_of
from functions.member.sheet import Editing, Notice, Sheet, Switch
from portal.members import fields
from portal.members.checks import check
from portal.members.fields import BY_NAME, SHOWN_FOR
from portal.members.postcodes import Area
from portal.web.errors import BadRequest
from portal.web.http import Request, Response

_USE, _KEEP = "use:", "keep:"
_NOT_SAVED = "まだ保存されていません。"

type _Find = Callable[[Mapping[str, str], Sequence[Area]], address.Search]

type Areas = Callable[[str], Sequence[Area]]
"""Gives the addresses of a postcode of seven digits."""


class PutRight:
    """Answers …に直す, …を表示用に残す and 住所を検索."""

    def __init__(self, sheet: Sheet, areas: Areas, true_name: Switch) -> None:
        self._sheet = sheet
        self._areas = areas
        self._true_name = true_name

    def answer(self, request: Request, action: str) -> Response:
        """Answer one of the buttons. Raises BadRequest for one the page does not have."""
        if action == "postcode":
            return self._look_up_address(request, address.searched)
        if action == "postcode:use":
            return self._look_up_address(request, partial(_chosen, posted.area(request)))
        on_page = fields.names(true_name=self._true_name())
        if action.startswith(_USE) and action.removeprefix(_USE) in on_page:
            return self._use(request, action.removeprefix(_USE))
        if self._true_name() and action.removeprefix(_KEEP) in SHOWN_FOR:
            return self._keep_true_form(request, action.removeprefix(_KEEP))
        raise BadRequest("an action the page does not have")

    def _use(self, request: Request, name: str) -> Response:
        """Put the offered correction into one field; the member still has to press 保存."""
        field, values = BY_NAME[name], view.typed_values(request.form, member_of(request).record)
        proposal = view.proposal(field, values.get(name, ""))
        if proposal is None:
            return self._again(request, values)
        values[name] = proposal
        told = f"{field.label}を「{proposal}」に直しました。{_NOT_SAVED}"
        return self._again(request, values, Notice(told, field=name))

    def _keep_true_form(self, request: Request, name: str) -> Response:
        """Put in the correction and keep the true form for show; 保存 is still to be pressed."""
        values = view.typed_values(request.form, member_of(request).record)
        kept_form = view.kept_form(name, values.get(name, ""))
        if not kept_form:
            return self._again(request, values)
        told = (
            f"{BY_NAME[name].label}を「{kept_form[name]}」に直し、"
            f"「{kept_form[SHOWN_FOR[name]]}」を表示用に残しました。{_NOT_SAVED}"
        )
        return self._again(request, values | kept_form, Notice(told, field=name))

    def _look_up_address(self, request: Request, then: _Find) -> Response:
        """Look the postcode up and say what it makes of the page."""
        typed = view.typed_values(request.form, member_of(request).record)
        code = check(BY_NAME["postal_code"], typed["postal_code"])
        search = None if code.problem else then(typed, self._areas(code.value))
        values = search.values if search else typed
        # Of the other fields only what was typed is looked at: the member is not done yet.
        begun = {name for name, text in values.items() if text} | {"postal_code"}
        return self._again(request, values, search=search, looked_at=begun)

    def _again(
        self,
        request: Request,
        values: Mapping[str, str],
        notice: Notice | None = None,
        *,
        search: address.Search | None = None,
        looked_at: AbstractSet[str] = frozenset(BY_NAME),
    ) -> Response:
        member, found = member_of(request), view.problems_of(values)
        problems = {name: one for name, one in found.items() if name in looked_at}
        version, invoice = posted.version(request, posted.UNSEEN), posted.invoice(request)
        editing = Editing(member, version, invoice, values, problems, notice=notice, search=search)
        return self._sheet.page(request, editing, 200)


def _chosen(number: int, values: Mapping[str, str], areas: Sequence[Area]) -> address.Search:
    """Put in the address of that number; another code may have been typed since it was shown."""
    return (
        address.chosen(values, areas[number])
        if number < len(areas)
        else address.searched(values, areas)
    )
