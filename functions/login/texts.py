"""What the sign-in page says when it cannot go on: plain Japanese, nothing about who exists."""

EMPTY_NUMBER = "会員番号を入力してください。"
NOT_A_NUMBER = (
    "会員番号は数字で入力してください。"
    "英字の「O（オー）」と数字の「0（ゼロ）」、英字の「l（エル）」と数字の「1（イチ）」をご確認ください。"
)
EMPTY_PASSWORD = "パスワードを入力してください。"  # noqa: S105 - a text for members.
FULL_WIDTH = (
    "パスワードに全角の文字が入っています。日本語入力をOFFにして、半角の英数字で入力してください。"
)
TOO_LONG = "パスワードが長すぎます。入力し直してください。"
REFUSED = "会員番号またはパスワードが違います。"
LEADING_ZEROS = "会員番号が 0（ゼロ）から始まる方は、先頭の 0（ゼロ）も付けて入力してください。"
INITIAL_ENDED = (
    "初期パスワードの有効期間（お手紙に書かれた日まで）が過ぎています。"
    "「パスワードを忘れた方」から再設定するか、事務局へお問い合わせください。"
)
DISABLED = (
    "続けて何度もログインに失敗したため、安全のためにログインを止めています。"
    "「パスワードを忘れた方」から再設定するか、事務局へお問い合わせください。"
)


def wait(minutes: int) -> str:
    """Return the text for tries that came too soon."""
    return (
        f"続けてログインに失敗したため、しばらくログインできません。あと{minutes}分お待ちください。"
    )
