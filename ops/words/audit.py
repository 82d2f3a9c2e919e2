"""What the audit writes, in the office's words: acts, and who acts."""

from collections.abc import Mapping

from portal.database import Item

ACTIONS: Mapping[str, str] = {
    # Signing in
    "sign_in": "ログイン",
    "sign_in_failed": "ログインの失敗",
    "initial_password_ended": "期限の切れた初期パスワードでのログイン",
    "sign_out": "ログアウト",
    "sessions_ended": "端末のログアウト",
    "unlocked": "ログイン停止の解除",
    "access_closed": "利用の停止",
    "access_opened": "利用の再開",
    # Passwords
    "first_password_set": "最初のパスワードの設定",
    "password_changed": "パスワードの変更",
    "password_change_refused": "パスワード変更の失敗",
    "password_reset": "パスワードの再設定",
    "password_reissued": "初期パスワードの再発行",
    "letters_completed": "初期パスワードの手紙の完成",
    "letters_voided": "途中で止まった手紙の取り消し",
    "letters_placed": "初期パスワードの手紙の保存",
    "labels_printed": "宛名ラベルの作成",
    # The record
    "profile_saved": "会員情報の変更",
    "profile_confirmed": "会員情報の確認（変更なし）",
    "email_confirmed": "メールアドレスの確認",
    "member_imported": "会員の取り込み（新規）",
    "member_changed_by_import": "会員の取り込み（変更）",
    "member_edited": "会員情報の変更（事務局）",
    "member_withdrawn": "退会",
    "member_returned": "復会",
    "members_exported": "会員の書き出し",
    "member_anonymising": "匿名化の開始",
    "member_anonymised": "匿名化",
    # Mail
    "mail_resent": "メールの再送",
    "mail_fault_ended": "「届かない」印の取り外し",
    "reminders.run": "督促の実行",
    # Dues
    "dues.amounts_noted": "年度の会費の金額",
    "invoice.issued": "請求の発行",
    "invoice.billed_again": "請求し直し",
    "invoice.method_released": "支払方法の解除",
    "invoice.recorded": "入金の記録（振込・現金）",
    "invoice.waived": "会費の免除",
    "invoice.cancelled": "請求の取消",
    # Payments
    "payment.opened": "支払い手続きの開始",
    "payment.slip_issued": "コンビニ支払番号の発行",
    "payment.paid": "入金",
    "payment.ended": "支払い手続きの終了",
    "payment.refunded": "返金（GMO）",
    "payment.mismatch": "請求と合わない入金",
    "payment.surplus": "二重などの余分な入金",
    "payment.unpaid_at_gmo": "GMO で入金が取り消された",
    "payment.amount_changed": "GMO で金額が変わった",
    "payment.refunded_outside": "返金の記録（GMO の外）",
    "payment.ask_wanted": "GMO への確認の依頼",
    "payment.accepted": "合わない入金の承認",
    "payment.set_aside": "合わない入金の取り分け",
    "delivery.replayed": "通知の取り込み直し",
    "discrepancy.closed": "食い違いの完了",
    "receipt.replaced": "領収書の宛名の変更（新しい番号）",
    "settlement_file.matched": "入金明細の照合",
}
"""Every act that is written anywhere; a test holds that none lacks its word."""

_ACTORS = {"gmo": "GMO", "system": "自動処理", "unknown": "（不明）"}
_SUBJECTS = {
    "dues": "年度の会費",
    "letters": "初期パスワードの手紙",
    "members": "会員の名簿",
    "reminders": "督促",
}
OFFICE = "office:"


def action(written: str) -> str:
    """Return an act in words; one of another version stays as it is written."""
    return ACTIONS.get(written, written)


def actions_like(typed: str) -> frozenset[str]:
    """Return the acts that an office person may mean: by name, or by a part of the words."""
    named = {name for name, word in ACTIONS.items() if name == typed or typed in word}
    return frozenset(named)


def actor(entry: Item, numbers: Mapping[str, str]) -> str:
    """Return who did it: the office's name as written, or a member by number."""
    who = str(entry["actor"])
    if who.startswith(OFFICE):
        return who.removeprefix(OFFICE)
    if who in numbers:
        return "本人" if who == entry["pk"] else f"会員 {numbers[who]}"
    return _ACTORS.get(who, who)


def subject(entry: Item, numbers: Mapping[str, str]) -> str:
    """Return whom or what it was about: a member by number, or what is nobody's in words."""
    whom = str(entry["pk"])
    return numbers.get(whom) or _SUBJECTS.get(whom, whom)


def acted_by(entry: Item, typed: str) -> bool:
    """Tell whether *typed* is in the name of the office's person, or is one of the others."""
    who = str(entry["actor"])
    if who.startswith(OFFICE):
        return typed in who.removeprefix(OFFICE)
    return typed in (who, _ACTORS.get(who))
