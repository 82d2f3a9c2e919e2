"""The convenience-store chains: which number is called what, in which order, and how one pays.

GMO gives two numbers for every chain, ``receipt_no`` and ``conf_no``; each chain has its own names
for them, and FamilyMart's machine asks for them the other way round.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

RECEIPT_NO = "receipt_no"
CONF_NO = "conf_no"


@dataclass(frozen=True)
class Chain:
    """One chain: its name, its labels in the order the machine asks, and the steps at the shop."""

    name: str
    labels: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]

    def numbers(self, *, receipt_no: str, conf_no: str) -> tuple[tuple[str, str], ...]:
        """Return (label, number) pairs in the order of typing; what was not given is left out."""
        given = {RECEIPT_NO: receipt_no, CONF_NO: conf_no}
        return tuple((label, given[field]) for label, field in self.labels if given[field])


_TICKET = "出てきた「申込券」を、30分以内にレジへお持ちください。"
_CASH = "レジで代金を現金でお支払いになり、受領書をお受け取りください。"

_LOPPI_LABELS = (("お客様番号", RECEIPT_NO), ("確認番号", CONF_NO))
_LOPPI_STEPS = (
    "店内の端末「Loppi（ロッピー）」で「各種番号をお持ちの方」を選びます。",
    "「お客様番号」を入力し、続けて「確認番号」を入力します。",
    "内容を確かめて「了解」を押します。",
    _TICKET,
    _CASH,
)

SEVEN_ELEVEN = Chain(
    name="セブン-イレブン",
    labels=(("払込票番号", RECEIPT_NO),),
    steps=(
        "レジで「インターネット代金の支払い」とお伝えください。",
        "「払込票番号」を店員に伝えるか、この画面または印刷した払込票をお見せください。",
        _CASH,
    ),
)
LAWSON = Chain("ローソン", _LOPPI_LABELS, _LOPPI_STEPS)
MINISTOP = Chain("ミニストップ", _LOPPI_LABELS, _LOPPI_STEPS)
FAMILYMART = Chain(
    name="ファミリーマート",
    labels=(("第1番号（企業コード）", CONF_NO), ("第2番号（注文番号）", RECEIPT_NO)),
    steps=(
        "店内のマルチコピー機で「代金支払い」を選び、「番号を入力する」へ進みます。",
        "「第1番号（企業コード）」を先に入力します。",
        "「第2番号（注文番号）」を入力します。",
        "内容を確かめて「確認」を押します。",
        _TICKET,
        _CASH,
    ),
)
SEICOMART = Chain(
    name="セイコーマート",
    labels=(("受付番号", RECEIPT_NO), ("申込番号", CONF_NO)),
    steps=(
        "店内の端末「クラブステーション」（ない店舗ではレジ）で「インターネット受付」を選びます。",
        "「受付番号」を入力し、続けて「申込番号」を入力します。",
        "内容を確かめて「印刷」を押し、出てきた申込券を30分以内にレジへお持ちください。",
        _CASH,
    ),
)

BY_CODE: Mapping[str, Chain] = MappingProxyType(
    {
        "00007": SEVEN_ELEVEN,
        "10001": LAWSON,
        "10002": FAMILYMART,
        "10005": MINISTOP,
        "10008": SEICOMART,
    }
)

_OTHER = Chain(
    name="コンビニエンスストア",
    labels=(("受付番号", RECEIPT_NO), ("確認番号", CONF_NO)),
    steps=(
        "店内の端末またはレジで「インターネット受付」をお選びください。",
        "画面の案内に沿って、上の番号を入力してください。",
        _CASH,
    ),
)


def chain(code: str) -> Chain:
    """Return the chain of GMO's store code; a code not known yet still gets usable words."""
    return BY_CODE.get(code, _OTHER)
