"""What the password pages say: the manual's own words wherever it has them (section 2)."""

from collections.abc import Sequence

from portal.accounts.policy import Fault, PasswordPolicy

MISSING_CURRENT = "現在のパスワードを入力してください。"
WRONG_CURRENT = "現在のパスワードが違います。"
MISSING_NEW = "新しいパスワードを入力してください。"
MISSING_CONFIRM = "確認パスワードを入力してください。"
MISMATCH = "新しいパスワードと確認パスワードが一致していません。"
FULL_WIDTH = "全角の文字が入っています。日本語入力をOFFにして、半角の英数字で入力してください。"
TOO_LONG = "文字数が多すぎます。入力し直してください。"

COMMON = (
    "多くの人が使っているパスワードのため、推測されやすく、ご利用いただけません。"
    "ほかの言葉や数字を組み合わせて、別のパスワードにしてください。"
)
GUESSABLE = (
    "お名前、会員番号、会の名前や「内視鏡」などの言葉に、数字や記号を足しただけのパスワードは、"
    "推測されやすいため、ご利用いただけません。関係のない言葉を入れて、別のパスワードにしてください。"
)

EMPTY_NUMBER = "会員番号を入力してください。"
NOT_A_NUMBER = "会員番号は数字で入力してください。"
EMPTY_EMAIL = "登録メールアドレスを入力してください。"
NOT_AN_EMAIL = "メールアドレスの形をご確認ください（例: taro@example.jp）。"


def hints(policy: PasswordPolicy) -> dict[Fault, str]:
    """Return the manual's three hints; the page shows them and ticks them while typing."""
    return {
        Fault.LENGTH: (
            f"パスワードは{policy.min_length}~{policy.max_length}文字以内に設定してください"
        ),
        Fault.DIGIT: "パスワードには1文字以上の数字を含めてください",
        Fault.UPPER: "パスワードには1文字以上の大文字を含めてください",
    }


def alphabet(policy: PasswordPolicy) -> str:
    """Return which characters may be used."""
    return f"英小文字、英大文字、数字および特殊文字（{policy.special}）が使用できます"


def recent(policy: PasswordPolicy) -> str:
    """Return which earlier passwords may not be used again."""
    return f"過去{policy.history}回以内に使用していたパスワードと同一のものは利用できません"


def faults(found: Sequence[Fault], policy: PasswordPolicy) -> str:
    """Return what is wrong with a new password as one text."""
    words = {
        **hints(policy),
        Fault.ALPHABET: alphabet(policy),
        Fault.FULL_WIDTH: FULL_WIDTH.removesuffix("。"),
        Fault.COMMON: COMMON.removesuffix("。"),
        Fault.GUESSABLE: GUESSABLE.removesuffix("。"),
        Fault.RECENT: recent(policy),
    }
    return "".join(f"{words[fault]}。" for fault in found)


def wait(minutes: int) -> str:
    """Return the text for tries that came too soon."""
    return f"続けて入力に失敗したため、しばらく変更できません。あと{minutes}分お待ちください。"
