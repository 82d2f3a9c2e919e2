"""One table of everything that can be posted: routes, their fields, and what is wrong in each.

A POST route of the template without a row here fails test_bad_input.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlencode


class Who(Enum):
    """Whose browser sends a form."""

    GUEST = "nobody signed in"
    MEMBER = "a member with dues to pay, whose record is confirmed today"
    PAID = "a member with a receipt that is not made out to anybody yet"


@dataclass(frozen=True)
class Field:
    """One field: a value that is right, one of a wrong type, and whether it may be empty.

    A *free* text takes letters, digits and signs of any kind, so markup is text like any other.
    """

    name: str
    good: str
    wrong: str = ""
    optional: bool = False
    free: bool = False


@dataclass(frozen=True)
class Row:
    """One POST route. *refused* are the statuses that tell of bad input."""

    path: str
    who: Who
    fields: tuple[Field, ...] = ()
    refused: frozenset[int] = frozenset({422, 400})
    guarded: bool = True


MEMBER_NO = "{fresh member number}"
PASSWORD = "{password of the member}"
VERSION = "{version of the record}"
INVOICE = "{invoice of the member}"

_RECORD = (
    Field("family_name", "佐藤", "12345"),
    Field("given_name", "花子", "12345"),
    Field("family_name_kana", "サトウ", "佐藤"),
    Field("given_name_kana", "ハナコ", "12345"),
    Field("postal_code", "1000005", "東京"),
    Field("prefecture", "東京都", "Tokyo"),
    Field("city", "千代田区", free=True),
    Field("street", "丸の内１−１−１", free=True),
    Field("building", "あおぞらビル", optional=True, free=True),
    Field("phone", "0310000000", "電話なし"),
    Field("mobile", "09010000000", "携帯なし", optional=True),
    Field("email", "somebody@example.jp", "somebody"),
    Field("workplace", "みなと総合病院", optional=True, free=True),
    Field("department", "内視鏡センター", optional=True, free=True),
)

_NEW_PASSWORD = (
    Field("new_password", "Momiji2026xyz", "平文パスワード"),
    Field("confirm_password", "Momiji2026xyz", "平文パスワード"),
)

ROWS = (
    Row(
        "/member/login",
        Who.GUEST,
        (Field("member_no", MEMBER_NO, "会員です"), Field("password", "Momiji2026", "全角です")),
    ),
    Row("/member/logout", Who.MEMBER),
    Row(
        "/member/password",
        Who.MEMBER,
        (Field("current_password", PASSWORD, "全角です"), *_NEW_PASSWORD),
        # The present password is guarded against guessing like the one at the door.
        refused=frozenset({422, 400, 429}),
    ),
    Row(
        "/member/password/forgot",
        Who.GUEST,
        (Field("member_no", MEMBER_NO, "会員です"), Field("email", "nobody@example.jp", "nobody")),
    ),
    Row("/member/password/reset/{token}", Who.GUEST, _NEW_PASSWORD),
    Row("/member/sessions", Who.MEMBER, (Field("session", "others", "all"),)),
    Row("/member/email/{token}", Who.GUEST),
    Row("/member/mail-test", Who.MEMBER),
    Row(
        "/member/profile/edit",
        Who.MEMBER,
        (
            *_RECORD,
            # Without a version nothing can be overwritten: the page shows both, as in a conflict.
            Field("version", VERSION, "newest"),
            Field("invoice", INVOICE, "../../login", optional=True),
            Field("action", "save", "delete", optional=True),
        ),
        refused=frozenset({422, 400, 409}),
    ),
    Row(
        "/member/profile/confirm",
        Who.MEMBER,
        (
            Field("version", VERSION, "newest", optional=True),
            Field("invoice", INVOICE, "//elsewhere.example", optional=True),
        ),
        # A version that is none confirms what is stored, which this member has confirmed already.
        refused=frozenset({422, 400, 409, 303}),
    ),
    Row(
        "/member/billing/{invoice_id}/payment",
        Who.MEMBER,
        (Field("method", "card", "bitcoin"),),
    ),
    Row(
        "/member/billing/{invoice_id}/receipt",
        Who.PAID,
        (Field("addressee", "self", "boss"),),
    ),
    # What is not believed leads to the statement, which asks for the session itself.
    Row(
        "/member/billing/return",
        Who.GUEST,
        (Field("result", "", "42"),),
        refused=frozenset({303}),
        guarded=False,
    ),
    # Everything is taken in; nothing is believed.
    Row(
        "/gmo/notification",
        Who.GUEST,
        tuple(Field(name, "1", "x") for name in ("ShopID", "OrderID", "Status", "Amount")),
        refused=frozenset({200}),
        guarded=False,
    ),
    Row("/{proxy+}", Who.GUEST, refused=frozenset({404}), guarded=False),
)

LONG = "あ" * 3_400 + "long"
"""About 10 kB in UTF-8."""

MARKUP = "<script>alert(1)</script>"
"""What must never come back as it is."""

BAD: Mapping[str, str] = {
    "empty": "",
    "10 kB": LONG,
    "10 kB of ASCII": "A1" * 5_120,
    "control characters": "a\x01\x08\x1b\x7f\u0085b",
    "NUL": "a\0b",
    "direction marks": "a\u202eb\u2066",
    "emoji": "😀👩\u200d⚕️",
    "markup": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
}


def bodies(one: Field, form: Mapping[str, str]) -> dict[str, bytes]:
    """Return the bodies with *one* field of a right *form* spoilt, by what is wrong."""
    values = {what: text for what, text in BAD.items() if not _right(one, what)}
    if one.wrong:
        values["wrong type"] = one.wrong
    others = [(name, value) for name, value in form.items() if name != one.name]
    made = {what: urlencode([*others, (one.name, text)]) for what, text in values.items()}
    made["twice"] = urlencode([*others, (one.name, one.good), (one.name, one.good)])
    made["no UTF-8"] = f"{urlencode(others)}&{one.name}=%FF%FE%80"
    if not one.optional:
        made["missing"] = urlencode(others)
    return {what: body.encode() for what, body in made.items()}


def _right(one: Field, what: str) -> bool:
    return (one.optional and what == "empty") or (one.free and what == "markup")
