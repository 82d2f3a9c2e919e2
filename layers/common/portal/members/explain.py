"""The sentences a member reads about refused characters: which one, where, why, what to do."""

from collections.abc import Sequence

from portal.members.characters import Refused, Repertoire
from portal.members.fields import Field
from portal.members.reasons import Reason

_SHOWN_AT_MOST = 5
_TAKEN = {
    Repertoire.NAME: "漢字・ひらがな・カタカナ・英字",
    Repertoire.KANA: "全角カタカナ",
    Repertoire.TRUE_NAME: "漢字・ひらがな・カタカナ・英字",
    Repertoire.ADDRESS: "漢字・かな・英数字・一般的な記号",
}
_WHY = {
    Reason.MACHINE_DEPENDENT: "は機種依存文字のため使えません。",
    Reason.VARIANT: "は字形の指定が付いた文字（異体字）のため使えません。",
    Reason.RADICAL: "は部首用の特殊な文字（PDFなどから写したときに入ります）のため使えません。",
    Reason.EMOJI: "は絵文字のため使えません。",
    Reason.COMBINING: "は重ねて表示する特殊な文字のため使えません。",
    Reason.FOREIGN: "は使えません。",
}
_UNSHOWN = {
    Reason.PRIVATE_USE: "外字",
    Reason.CONTROL: "目に見えない制御文字",
    Reason.DIRECTION: "文字の向きを変える、目に見えない特殊な文字",
    Reason.INVISIBLE: "目に見えない特殊な文字",
    Reason.BROKEN: "壊れた文字",
    Reason.UNKNOWN: "認識できない文字",
}
_ASK = (
    "代わりの文字が見つかりません。ひらがな・カタカナで入力するか、事務局へお問い合わせください。"
)
_ASK_KANA = "カタカナで入力してください。"


def explain(field: Field, refused: Sequence[Refused]) -> tuple[str, ...]:
    """Return one sentence per refused character, and how many more there are beyond five."""
    shown = tuple(_sentence(field, found) for found in refused[:_SHOWN_AT_MOST])
    more = len(refused) - len(shown)
    return (*shown, f"ほかにも使えない文字が{more}文字あります。") if more > 0 else shown


def _sentence(field: Field, found: Refused) -> str:
    where = f"{field.label}の{found.place}文字目"
    if found.reason is Reason.SECOND_SPACE:
        return f"{where}の空白は使えません。空白は1つまでです。"
    if found.reason in _UNSHOWN:
        what = _UNSHOWN[found.reason]
        return f"{where}に{what}（{found.codes}）が入っています。消して入力し直してください。"
    return f"{where}の「{found.text}」（{found.codes}）{_why(field, found)}{_way_out(field, found)}"


def _why(field: Field, found: Refused) -> str:
    if found.reason is Reason.NOT_IN_FIELD:
        return f"は使えません。使えるのは{_TAKEN[field.repertoire]}です。"
    return _WHY[found.reason]


def _way_out(field: Field, found: Refused) -> str:
    if found.proposal:
        return f"代わりに「{found.proposal}」をお使いください。"
    if found.reason is Reason.NOT_IN_FIELD:
        return ""
    if found.reason is Reason.EMOJI:
        return "消して入力し直してください。"
    return _ASK_KANA if field.repertoire is Repertoire.KANA else _ASK
