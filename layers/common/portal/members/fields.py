"""The one table of the record's fields: page, check, store and history all read it from here."""

from dataclasses import dataclass
from enum import Enum

from portal.members.characters import Repertoire

_PREFECTURES = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県
東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県
滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県
香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
PREFECTURES = tuple(_PREFECTURES.split())


class Kind(Enum):
    """What a field holds, hence how it is checked."""

    TEXT = "text"
    POSTAL_CODE = "postal_code"
    PREFECTURE = "prefecture"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True)
class Field:
    """One field of the record.

    ``max_length`` counts characters after normalising. ``repertoire`` is set for texts only.
    ``autocomplete`` is the HTML token (WCAG 1.3.5), empty where HTML knows none. ``hint`` is the
    manual's advice, shown between label and field.
    """

    name: str
    label: str
    required: bool
    max_length: int
    kind: Kind = Kind.TEXT
    repertoire: Repertoire = Repertoire.ADDRESS
    autocomplete: str = ""
    inputmode: str = ""
    hint: str = ""


_NAME_HINT = (
    "機種依存文字（髙・﨑 など）はお使いになれません。"
    "代わりの文字（高・崎 など）で入力してください。"
)
_KANA_HINT = "全角カタカナで入力してください。ひらがなや半角カタカナは自動で直します。"
_PHONE_HINT = "ハイフン(-)無しの数字のみで入力してください。"
_EMAIL_HINT = (
    "お間違いのないよう、必ず登録をお願いします。"
    "間違っていると、パスワード再設定などの大事なお知らせが届きません。"
)

FIELDS = (
    Field("family_name", "姓", True, 20, repertoire=Repertoire.NAME,
          autocomplete="family-name", hint=_NAME_HINT),
    Field("given_name", "名", True, 20, repertoire=Repertoire.NAME,
          autocomplete="given-name"),
    Field("family_name_kana", "セイ", True, 30, repertoire=Repertoire.KANA, hint=_KANA_HINT),
    Field("given_name_kana", "メイ", True, 30, repertoire=Repertoire.KANA),
    Field("postal_code", "郵便番号", True, 7, Kind.POSTAL_CODE,
          autocomplete="postal-code", inputmode="numeric", hint="7桁の数字で入力してください。"),
    Field("prefecture", "都道府県", True, 4, Kind.PREFECTURE, autocomplete="address-level1"),
    Field("city", "市区町村", True, 50, autocomplete="address-level2"),
    Field("street", "町名・番地", True, 100, autocomplete="address-line1"),
    Field("building", "建物名", False, 100, autocomplete="address-line2"),
    Field("phone", "電話番号", True, 11, Kind.PHONE,
          autocomplete="tel-national", inputmode="tel", hint=_PHONE_HINT),
    Field("mobile", "携帯電話番号", False, 11, Kind.PHONE, inputmode="tel", hint=_PHONE_HINT),
    Field("email", "メールアドレス", True, 254, Kind.EMAIL,
          autocomplete="email", inputmode="email", hint=_EMAIL_HINT),
    Field("workplace", "勤務先", False, 100, autocomplete="organization"),
    Field("department", "所属部署", False, 100),
)  # fmt: skip

_TRUE_NAME_HINT = (
    "画面の表示や郵便物の宛名に使う氏名です。上のお名前で使えない文字（髙・﨑 など）を含むときだけ"
    "入力してください。お支払いの手続きと名簿には、上のお名前を使います。"
)
# Beside the checked name, where society.toml says so (docs/decisions/0031); a variant's selector
# counts as a character of its own.
TRUE_NAME_FIELDS = (
    Field("display_family_name", "表示用の姓（正字）", False, 40,
          repertoire=Repertoire.TRUE_NAME, hint=_TRUE_NAME_HINT),
    Field("display_given_name", "表示用の名（正字）", False, 40, repertoire=Repertoire.TRUE_NAME),
)  # fmt: skip

NAMES = tuple(field.name for field in FIELDS)
TRUE_NAMES = tuple(field.name for field in TRUE_NAME_FIELDS)
BY_NAME = {field.name: field for field in (*FIELDS, *TRUE_NAME_FIELDS)}
SHOWN_FOR = {"family_name": "display_family_name", "given_name": "display_given_name"}
"""Which field keeps the true form of which."""

GROUPS = (
    ("お名前", ("family_name", "given_name", "family_name_kana", "given_name_kana")),
    ("ご住所", ("postal_code", "prefecture", "city", "street", "building")),
    ("ご連絡先", ("phone", "mobile", "email")),
    ("お勤め先", ("workplace", "department")),
)
"""How the page puts the fields together, in their order."""


def names(*, true_name: bool) -> tuple[str, ...]:
    """Return the names of the page's fields. *true_name* is the society's setting."""
    return NAMES + TRUE_NAMES if true_name else NAMES


def groups(*, true_name: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the page's groups of fields, those of the true name below the name."""
    if not true_name:
        return GROUPS
    (title, first), *others = GROUPS
    return ((title, first + TRUE_NAMES), *others)
