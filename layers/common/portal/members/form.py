"""The border: a posted form becomes a record, or problems by field. The one user of pydantic here.

Pages that only read never import this module, because pydantic is slow to load.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from portal.members.checks import Problem, check
from portal.members.fields import BY_NAME
from portal.members.model import Record


class ProfileForm(BaseModel):
    """The fields of 会員編集, each text checked by the field table. Nothing else is let in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    family_name: str
    given_name: str
    family_name_kana: str
    given_name_kana: str
    postal_code: str
    prefecture: str
    city: str
    street: str
    building: str
    phone: str
    mobile: str
    email: str
    workplace: str
    department: str
    display_family_name: str
    display_given_name: str

    @field_validator("*")
    @classmethod
    def _by_the_table(cls, typed: str, info: ValidationInfo) -> str:
        checked = check(BY_NAME[str(info.field_name)], typed)
        if checked.problem is not None:
            raise PydanticCustomError("field", "refused", {"problem": checked.problem})
        return checked.value


class UnknownField(Exception):
    """The form holds a field that the page does not have."""


@dataclass(frozen=True)
class Refusal:
    """What is wrong, by field name in the order of the page."""

    problems: Mapping[str, Problem]


def read_form(posted: Mapping[str, object], current: Record) -> Record | Refusal:
    """Return the record that a form asks for, or what is wrong with it.

    An optional field that was not sent keeps its value of *current*: a form cut short must not
    wipe out what the member did not see. A required one that was not sent counts as empty.
    Raises UnknownField for a field the page does not have.
    """
    complete = {name: _sent(name, posted, current) for name in BY_NAME}
    try:
        form = ProfileForm.model_validate({**complete, **posted})
    except ValidationError as error:
        return Refusal(_problems(error))
    return Record.of(form.model_dump())


def _sent(name: str, posted: Mapping[str, object], current: Record) -> object:
    if name in posted:
        return posted[name]
    return "" if BY_NAME[name].required else getattr(current, name)


def _problems(error: ValidationError) -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    for fault in error.errors(include_url=False, include_input=False):
        name = str(fault["loc"][0])
        if name not in BY_NAME:
            raise UnknownField from None
        found[name] = fault.get("ctx", {}).get("problem") or _unreadable(name)
    return {name: found[name] for name in BY_NAME if name in found}


def _unreadable(name: str) -> Problem:
    return Problem((f"{BY_NAME[name].label}を文字で入力してください。",))
