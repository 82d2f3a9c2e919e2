"""The members of the demo: invented people, the same ones each time."""

from dataclasses import dataclass

STATES = ("first_login", "unpaid", "paid", "password_expired", "arrears")
"""What a member of the demo is for.

first_login: has only the initial password from the letter and this year's invoice. unpaid: has
this year's invoice. paid: has paid it. password_expired: like unpaid, and the password is older
than 120 days. arrears: owes several years.
"""
EACH = 8
"""Members of each state; tests and visitors use some of them up."""

_PREFIX = {
    "first_login": "0010",
    "unpaid": "0020",
    "paid": "1300",
    "password_expired": "0040",
    "arrears": "2500",
}

_FAMILIES = (
    ("佐藤", "サトウ"), ("鈴木", "スズキ"), ("高橋", "タカハシ"), ("田中", "タナカ"),
    ("伊藤", "イトウ"), ("渡辺", "ワタナベ"), ("山本", "ヤマモト"), ("中村", "ナカムラ"),
    ("小林", "コバヤシ"), ("加藤", "カトウ"), ("吉田", "ヨシダ"), ("山田", "ヤマダ"),
)  # fmt: skip
_GIVEN = (
    ("花子", "ハナコ"), ("太郎", "タロウ"), ("美咲", "ミサキ"), ("健一", "ケンイチ"),
    ("由美", "ユミ"), ("直樹", "ナオキ"), ("さくら", "サクラ"),
)  # fmt: skip
_PLACES = (
    ("1000005", "東京都", "千代田区", "丸の内１−１−１", "あおぞらビル２０１"),
    ("5300001", "大阪府", "大阪市北区", "梅田３−１−１", ""),
    ("0600001", "北海道", "札幌市中央区", "北一条西２−１", "コーポ北一条３０５"),
    ("8120011", "福岡県", "福岡市博多区", "博多駅前２−１−１", ""),
)
_WORKPLACES = (("みなと総合病院", "内視鏡センター"), ("あおば消化器クリニック", ""), ("", ""))


@dataclass(frozen=True)
class Person:
    """One member of the demo, with the password that the terminal prints."""

    member_no: str
    password: str
    state: str
    record: dict[str, str]


def people() -> list[Person]:
    """Return all members of the demo."""
    return [
        person(state, index, serial=STATES.index(state) * EACH + index)
        for state in STATES
        for index in range(1, EACH + 1)
    ]


def person(state: str, index: int, serial: int, member_no: str = "") -> Person:
    """Return the *index*-th member of a state; *serial* numbers the mail address and the names."""
    return Person(
        member_no=member_no or f"{_PREFIX[state]}{index:02d}",
        password=f"Sakura{serial:03d}!",
        state=state,
        record=_record(serial),
    )


def _record(serial: int) -> dict[str, str]:
    family, family_kana = _FAMILIES[serial % len(_FAMILIES)]
    given, given_kana = _GIVEN[serial % len(_GIVEN)]
    postal_code, prefecture, city, street, building = _PLACES[serial % len(_PLACES)]
    workplace, department = _WORKPLACES[serial % len(_WORKPLACES)]
    return {
        "family_name": family,
        "given_name": given,
        "family_name_kana": family_kana,
        "given_name_kana": given_kana,
        "postal_code": postal_code,
        "prefecture": prefecture,
        "city": city,
        "street": street,
        "building": building,
        "phone": f"03{10000000 + serial}",
        "mobile": f"090{10000000 + serial}",
        "email": f"member{serial:03d}@example.jp",
        "workplace": workplace,
        "department": department,
    }
