"""ログインできない方へ: four questions that find the cause and write the inquiry.

They ask for no number, no name and no address, so the answers may stand in a GET's query: the page
reads and writes nothing, can be loaded again and works without a script.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

SUBJECT = "会員サイトにログインできません"
_BEGIN = "会員サイトにログインできません。次のことを確かめました。"
_END = (
    "会員番号：\nお名前：\n画面に出たメッセージ（そのまま）：\n受付番号（出ているとき）：\n\n"
    "（パスワードは書かないでください）"
)
UNANSWERED = "（回答なし）"

_RESET = (
    "登録したメールアドレスが使えれば、「パスワードを再設定する」から"
    "ご自分で新しいパスワードを決められます。"
)


@dataclass(frozen=True)
class Answer:
    """One answer as it is shown; *advice* is what to do about it, empty when it is no cause."""

    label: str
    advice: str = ""


@dataclass(frozen=True)
class Question:
    """One question with its answers by their value in the form."""

    name: str
    text: str
    answers: Mapping[str, Answer]


QUESTIONS = (
    Question(
        "zeros",
        "会員番号は 0（ゼロ）から始まりますか。",
        {
            "typed": Answer("はい。先頭の 0 も付けて入力している"),
            "left-out": Answer(
                "はい。先頭の 0 は付けていない",
                "先頭の 0（ゼロ）も会員番号の一部です。"
                "例えば「0123」の方は、「123」ではなく「0123」と入力してください。",
            ),
            "none": Answer("いいえ"),
            "unknown": Answer(
                "分からない",
                "別紙のログイン ID（会員番号、内視鏡技師認定番号）を、"
                "先頭の 0（ゼロ）から確かめてください。",
            ),
        },
    ),
    Question(
        "typing",
        "「パスワードを表示」を押すと、入力した文字はどう見えますか。",
        {
            "right": Answer("半角で、パスワードのとおりに見える"),
            "other": Answer(
                "全角になる、大文字小文字が違う",
                "日本語入力と Caps Lock を OFF にして、半角で入力してください。"
                "大文字と小文字は区別します。",
            ),
            "alike": Answer(
                "l と 1、0 と O などが見分けられない",
                "別紙の【パスワードの読み】を見ながら、一文字ずつ入力してください。",
            ),
            "forgotten": Answer("自分で決めたパスワードが分からない", _RESET),
        },
    ),
    Question(
        "message",
        "画面には何と出ますか。",
        {
            "wrong": Answer("会員番号またはパスワードが違います"),
            "wait": Answer(
                "あと◯分お待ちください",
                "表示された時間のあとで入力してください。待っている間の入力は数えません。"
                "前にログインしたことのある回線（職場、ご自宅、携帯電話）からは、待たずに入力できることがあります。",
            ),
            "stopped": Answer("ログインを止めています", _RESET),
            "ended": Answer("初期パスワードの有効期間が過ぎています", _RESET),
            "else": Answer("そのほか"),
        },
    ),
    Question(
        "mail",
        "登録したメールアドレスに届くメールを読めますか。",
        {
            "read": Answer("読める"),
            "missing": Answer(
                "再設定のメールが届かない",
                "迷惑メールのフォルダと、受信できるメールの設定を確かめてください。",
            ),
            "dead": Answer(
                "読めない、アドレスが変わった",
                "事務局で本人確認のうえ、初期パスワードを再発行します。下の文面でお問い合わせください。",
            ),
        },
    ),
)


@dataclass(frozen=True)
class Found:
    """What the answers tell: *advice* in the order of the questions, and the inquiry's text."""

    advice: tuple[str, ...]
    inquiry: str

    def mail_link(self, address: str) -> str:
        """Return the address of a mail to the office with subject and text filled in."""
        body = quote(self.inquiry.replace("\n", "\r\n"))
        return f"mailto:{address}?subject={quote(SUBJECT)}&body={body}"


def chosen(query: Mapping[str, str]) -> dict[str, str]:
    """Return the answers in a query by question; whatever no form of ours sends is left out."""
    given = {question.name: query.get(question.name, "") for question in QUESTIONS}
    return {q.name: given[q.name] for q in QUESTIONS if given[q.name] in q.answers}


def found(answers: Mapping[str, str]) -> Found:
    """Return what the answers tell."""
    given = [(q, q.answers[answers[q.name]] if q.name in answers else None) for q in QUESTIONS]
    advice = [answer.advice for _, answer in given if answer and answer.advice]
    lines = [f"・{q.text}\n　→ {answer.label if answer else UNANSWERED}" for q, answer in given]
    # Two answers may lead the same way; it is said once.
    return Found(tuple(dict.fromkeys(advice)), "\n".join((_BEGIN, "", *lines, "", _END)))
