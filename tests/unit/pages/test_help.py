"""ログインできない方へ: four questions find the cause and write the inquiry."""

from itertools import product
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest

from functions.login.causes import QUESTIONS, SUBJECT, UNANSWERED, chosen, found
from tests.unit.accounts.desk import Portal
from tests.webclient import Page

HELP = "/member/help"


def asked(**answers: str) -> Page:
    return Portal().browser.get(f"{HELP}?{urlencode(answers)}" if answers else HELP)


@pytest.mark.parametrize(
    "answers",
    [{"zeros": "x"}, {"zeros": ""}, {"else": "1"}, {"zeros": "<script>"}, {"mail": "x" * 5000}],
)
def test_what_no_form_of_ours_sends_is_no_answer(answers: dict[str, str]) -> None:
    page = asked(**answers)
    assert page.status == 200
    assert 'id="result"' not in page.text
    assert "<script>" not in page.text.partition("<form")[2].partition("</form>")[0]


def test_the_four_questions_are_asked_without_a_script_and_without_who_asks() -> None:
    page = asked()
    assert 'method="get" action="/member/help"' in page.text
    assert page.text.count("<fieldset>") == len(QUESTIONS) == 4
    assert "member_no" not in page.text


@pytest.mark.parametrize(
    ("answers", "advice"),
    [
        ({"zeros": "left-out"}, "先頭の 0（ゼロ）も会員番号の一部です"),
        ({"typing": "other"}, "日本語入力と Caps Lock を OFF にして"),
        ({"typing": "alike"}, "【パスワードの読み】"),
        ({"message": "wait"}, "待っている間の入力は数えません"),
        ({"message": "stopped"}, "パスワードを再設定する"),
        ({"message": "ended"}, "パスワードを再設定する"),
        ({"mail": "dead"}, "初期パスワードを再発行します"),
        ({"mail": "missing"}, "迷惑メール"),
    ],
)
def test_each_cause_is_found_by_its_answer(answers: dict[str, str], advice: str) -> None:
    page = asked(**answers)
    assert advice in page.text.partition('id="result"')[2].partition("</ol>")[0]


def test_answers_that_show_no_cause_say_so() -> None:
    page = asked(zeros="none", typing="right", message="wrong", mail="read")
    assert "原因が見つかりませんでした" in page.text


def test_the_inquiry_has_every_question_with_its_answer_and_room_for_the_rest() -> None:
    inquiry = found({"zeros": "typed", "message": "wait"}).inquiry
    assert [question.text for question in QUESTIONS if question.text not in inquiry] == []
    assert "→ はい。先頭の 0 も付けて入力している" in inquiry
    assert inquiry.count(UNANSWERED) == 2
    assert "会員番号：\nお名前：" in inquiry
    assert "パスワードは書かないでください" in inquiry


def test_the_mail_to_the_office_is_filled_in() -> None:
    made = found({"mail": "dead"})
    link = urlsplit(made.mail_link("info@jgets.jp"))
    assert (link.scheme, link.path) == ("mailto", "info@jgets.jp")
    fields = parse_qs(link.query)
    assert fields["subject"] == [SUBJECT]
    assert fields["body"] == [made.inquiry.replace("\n", "\r\n")]
    assert "mailto:info@jgets.jp?subject=" in unquote(asked(mail="dead").text)


def test_the_answers_stay_chosen() -> None:
    page = asked(zeros="left-out")
    assert 'name="zeros" value="left-out" checked' in page.text
    assert page.text.count(" checked") == 1


def test_every_way_to_answer_is_answered_and_reads_nothing() -> None:
    for values in product(*(("", *question.answers) for question in QUESTIONS)):
        answers = dict(zip((question.name for question in QUESTIONS), values, strict=True))
        told = found(chosen(answers))
        assert len(told.advice) == len(set(told.advice)) <= 4
    portal = Portal()
    portal.browser.get(f"{HELP}?zeros=left-out&mail=dead")
    assert not portal.database.calls
