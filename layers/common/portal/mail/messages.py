"""What each mail says: one table from kind to subject, template and the facts it needs.

Mails are plain text. They say what happened, what to do next and until when, and where to ask.
Subjects carry no personal data; texts carry no name, no password and no link but to the portal,
the society's form and, for a slip, GMO's page of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
    TemplateError,
)

from portal.config import Society
from portal.database import Value
from portal.mail.chains import chain
from portal.mail.wording import column, deadline, japanese_day, yen

type Facts = Mapping[str, Value]
type Words = dict[str, object]


class MessageError(Exception):
    """A mail cannot be written from its row: unknown kind, or facts missing or malformed."""


CONFIRM_ADDRESS = "メールアドレスの確認のお願い"


@dataclass(frozen=True)
class Message:
    """A mail as the member reads it."""

    subject: str
    text: str


@dataclass(frozen=True)
class Kind:
    """One kind of mail: its subject without the society's name, its template, its words."""

    subject: str
    template: str
    words: Callable[[Facts], Words]
    asking: str = ""
    """The subject where the mail carries a link to press, if that is another one."""


def _payment(facts: Facts) -> Words:
    return {"title": _text(facts, "title"), "amount": yen(_number(facts, "amount"))}


def _paid(facts: Facts) -> Words:
    paid_on = date.fromisoformat(_text(facts, "paid_on"))
    return _payment(facts) | {"paid_on": japanese_day(paid_on)}


def _slip(facts: Facts) -> Words:
    store = chain(_text(facts, "cvs_code"))
    numbers = store.numbers(
        receipt_no=str(facts.get("receipt_no") or ""), conf_no=str(facts.get("conf_no") or "")
    )
    if not numbers:
        raise ValueError("a slip without a number")
    return _payment(facts) | {
        "store": store,
        "numbers": numbers,
        "deadline": _deadline(facts) or "会員ページの「会費支払明細」でご確認ください",
        "receipt_url": str(facts.get("receipt_url") or ""),
    }


def _slip_over(facts: Facts) -> Words:
    return _payment(facts) | {"deadline": _deadline(facts)}


def _deadline(facts: Facts) -> str:
    """Write the term; empty when GMO gave none."""
    term = str(facts.get("term") or "")
    return deadline(term) if term else ""


def _slip_still_open(facts: Facts) -> Words:
    words = _slip(facts)
    _text(facts, "term")  # A slip without a term is not reminded of.
    return words


def _dues(facts: Facts) -> Words:
    due_on = date.fromisoformat(_text(facts, "due_on"))
    overdue = date.fromisoformat(_text(facts, "today")) > due_on
    return _payment(facts) | {"due_on": japanese_day(due_on), "overdue": overdue}


def _unpaid_years(facts: Facts) -> Words:
    years = facts["years"]
    if not isinstance(years, list) or not years:
        raise ValueError("no years")
    return {
        "years": [_unpaid_year(one) for one in years if isinstance(one, dict)],
        "today": japanese_day(date.fromisoformat(_text(facts, "today"))),
    }


def _unpaid_year(one: Facts) -> Words:
    return _payment(one) | {"due_on": japanese_day(date.fromisoformat(_text(one, "due_on")))}


def _link(facts: Facts) -> Words:
    return {"token": _text(facts, "token")}


def _changed(facts: Facts) -> Words:
    """The old address is only told; a new one is given a link to confirm itself by."""
    return {"token": str(facts.get("token") or "")}


def _nothing(_: Facts) -> Words:
    return {}


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "card_paid": Kind("会費のお支払いが完了しました", "card_paid.txt", _paid),
        "slip_issued": Kind(
            "コンビニエンスストアのお支払い番号のお知らせ", "slip_issued.txt", _slip
        ),
        "deposit_paid": Kind("会費のご入金を確認しました", "deposit_paid.txt", _paid),
        "slip_expired": Kind(
            "コンビニエンスストアのお支払い期限が過ぎました", "slip_expired.txt", _slip_over
        ),
        "slip_reminder": Kind(
            "コンビニエンスストアのお支払い期限が近づいています",
            "slip_reminder.txt",
            _slip_still_open,
        ),
        "dues_reminder": Kind("会費のお支払いのお願い", "dues_reminder.txt", _dues),
        "qualification_warning": Kind(
            "会費の未納と資格についての大切なお知らせ", "qualification_warning.txt", _unpaid_years
        ),
        "password_changed": Kind("パスワードが変更されました", "password_changed.txt", _nothing),
        "password_reissued": Kind(
            "初期パスワードを再発行しました", "password_reissued.txt", _nothing
        ),
        "reset_request": Kind("パスワード再設定のご案内", "reset_request.txt", _link),
        "email_changed": Kind(
            "登録メールアドレスが変更されました",
            "email_changed.txt",
            _changed,
            asking=CONFIRM_ADDRESS,
        ),
        "mail_test": Kind("メールの到着確認", "mail_test.txt", _nothing),
        "email_confirmation": Kind(CONFIRM_ADDRESS, "email_confirmation.txt", _link),
    }
)


def compose(kind: str, facts: Facts, *, society: Society, base_url: str) -> Message:
    """Write the mail of *kind* from *facts*. Raises MessageError when that is not possible.

    Mails with a link want the token itself as the fact ``token``; it is never kept in a row.
    """
    found = KINDS.get(kind)
    if found is None:
        raise MessageError(f"unknown kind {kind}")
    try:
        words = {**found.words(facts), "society": society, "base_url": base_url}
        text = _environment().get_template(found.template).render(words)
    except (KeyError, TypeError, ValueError, TemplateError) as error:
        # The cause is named by its type alone: its text could quote a fact of the row.
        raise MessageError(f"{kind}: {type(error).__name__}") from None
    subject = found.asking if found.asking and words.get("token") else found.subject
    return Message(subject=f"【{society.name}】{subject}", text=text)


def _text(facts: Facts, name: str) -> str:
    value = facts[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _number(facts: Facts, name: str) -> int:
    value = facts[name]
    if not isinstance(value, int):
        raise TypeError(name)
    return value


@cache
def _environment() -> Environment:
    return environment(loader())


def environment(source: BaseLoader) -> Environment:
    """Return the environment of the mails' templates. Plain text, so nothing is escaped."""
    made = Environment(
        loader=source,
        autoescape=False,  # noqa: S701  A plain-text mail has no markup to escape from.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters["column"] = column
    return made


def loader() -> BaseLoader:
    """Return the templates compiled by the build, or their sources where nothing was built."""
    here = Path(__file__).parent
    compiled = here / "compiled"
    return ModuleLoader(compiled) if compiled.is_dir() else FileSystemLoader(here / "templates")
