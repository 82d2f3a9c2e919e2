"""The letter with an initial password, many of them as one PDF (L2)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from ops.letters.address import Address
from ops.letters.layout import Layout, layout
from portal.accounts.policy import PasswordPolicy
from portal.accounts.reading import GROUP, groups, reading
from portal.clock import jst_date
from portal.config import Society
from portal.typesetting import Content, Typesetter

SOURCE = Path(__file__).with_name("letter.typ")
TITLE = "会員ポータル　初期パスワードのお知らせ"
_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class Letter:
    """One letter. *password* stands in the PDF and nowhere else; *until* is the last whole day."""

    address: Address
    member_no: str
    password: str = field(repr=False)
    until: date
    without_mail: bool = False


def last_day(issued: datetime, policy: PasswordPolicy) -> date:
    """Return the last JST day on the whole of which a password issued then can be used.

    It ends at the hour of its issue, so the day on which it ends would promise too much.
    """
    return jst_date(issued + timedelta(days=policy.initial_days)) - timedelta(days=1)


class LetterPrinter:
    """Prints letters. *url* is the sign-in page, *fonts* the folder of the font."""

    def __init__(self, society: Society, url: str, policy: PasswordPolicy, fonts: Path) -> None:
        self._society = society
        self._url = url
        self._policy = policy
        self._typesetter = Typesetter(SOURCE, fonts)
        self._layout = layout()

    def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
        """Return one page for each letter; *mark* stands small at the foot of each."""
        common = _common(self._society, self._url, self._policy, self._layout)
        pages: list[Content] = [
            _page(one, f"{mark}  {place:03}/{len(letters):03}")
            for place, one in enumerate(letters, start=1)
        ]
        content: Content = {**common, "issued_on": _day(jst_date(at)), "letters": pages}
        return self._typesetter.pdf("letters", content, at)


def qr_code(url: str) -> str:
    """Return the QR code of an address as SVG, with the quiet zone that readers need."""
    import segno  # The other commands of the office need none.

    drawn = io.BytesIO()
    segno.make_qr(url, error="m").save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()


def _page(letter: Letter, sheet: str) -> Content:
    spoken = [
        {"character": one.character, "kind": one.kind, "name": one.name}
        for one in reading(letter.password)
    ]
    return {
        "address": letter.address.content(),
        "number": letter.member_no,
        "groups": groups(letter.password),
        "reading": spoken,
        "until": f"{_day(letter.until)}（{_WEEKDAYS[letter.until.weekday()]}）まで",
        "without_mail": letter.without_mail,
        "sheet": sheet,
    }


def _common(
    society: Society, url: str, policy: PasswordPolicy, paper: Layout
) -> dict[str, Content]:
    box = paper.address
    return {
        "title": TITLE,
        "url": url,
        "qr": qr_code(url),
        "group": GROUP,
        "folds": paper.folds,
        "address": {
            "left": box.left, "top": box.top, "width": box.width, "height": box.height
        },
        "sender": {"name": society.name, "lines": _sender_lines(society)},
        "contact": {"form": society.contact_form, "mail": society.contact_mail},
        "rules": {
            "shortest": policy.min_length, "longest": policy.max_length, "special": policy.special
        },
    }  # fmt: skip


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _phone(society: Society) -> str:
    hours = f"（{society.contact_hours}）" if society.contact_hours else ""
    return f"電話 {society.contact_phone}{hours}" if society.contact_phone else ""


def _sender_lines(society: Society) -> list[str]:
    lines = [society.postal_address, _phone(society), society.contact_mail]
    return [line for line in lines if line]
