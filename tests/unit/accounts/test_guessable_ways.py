"""On every way to a new password, what is guessed first is refused, at no further round trip."""

from urllib.parse import urlencode

import pytest

from portal.accounts.new_password import Changed, Faulty
from portal.accounts.policy import Fault
from portal.members import store as members
from tests.unit.accounts.desk import INITIAL, NUMBER, OTHER, PASSWORD, Desk, Portal
from tests.unit.members.desk import TABLES, a_member
from tests.webclient import Page

COMMON = ("Password1", "QWERTY123")
GUESSES = (
    "Jgets2026",
    "Naishikyou1",
    f"A{NUMBER}!",
    "Yamada1985",
    "HanakoYamada1",
    "Syoukaki2027#",
)
TEXT = "お名前、会員番号、会の名前や「内視鏡」などの言葉に、数字や記号を足しただけのパスワードは"


def with_record(desk: Desk) -> Desk:
    """Give the member the record of ヤマダ ハナコ."""
    desk.database.commit(members.new(TABLES.members, a_member()))
    desk.database.calls.clear()
    return desk


# By the use cases ----------------------------------------


@pytest.mark.parametrize("new", GUESSES)
def test_a_change_to_what_is_guessed_changes_nothing_and_costs_no_hash(new: str) -> None:
    desk = with_record(Desk())
    session = desk.signed_in()
    before, hashes = desk.credential, len(desk.work.costs)
    assert desk.change(session, PASSWORD, new, desk.origin()) == Faulty((Fault.GUESSABLE,))
    assert desk.credential == before
    assert len(desk.work.costs) == hashes


@pytest.mark.parametrize("new", GUESSES)
def test_the_first_change_refuses_it_too(new: str) -> None:
    desk = with_record(Desk())
    desk.enrol(INITIAL, first=True)
    session = desk.signed_in(INITIAL)
    assert desk.change(session, "", new, desk.origin()) == Faulty((Fault.GUESSABLE,))
    assert desk.credential.must_change


@pytest.mark.parametrize("new", GUESSES)
def test_a_reset_refuses_it_and_its_link_stays_good(new: str) -> None:
    desk = with_record(Desk())
    link = desk.link()
    assert desk.reset(link, new, desk.origin()) == Faulty((Fault.GUESSABLE,))
    assert isinstance(desk.reset(link, OTHER, desk.origin()), Changed)


@pytest.mark.parametrize("new", COMMON)
def test_a_common_one_is_refused_before_anything_is_read(new: str) -> None:
    desk = with_record(Desk())
    session = desk.signed_in()
    desk.database.calls.clear()
    assert desk.change(session, PASSWORD, new, desk.origin()) == Faulty((Fault.COMMON,))
    assert desk.database.calls == {}


def test_the_name_is_the_one_of_the_member_who_changes() -> None:
    """Another member may use it: nobody is kept from a word that says nothing of oneself."""
    desk = with_record(Desk())
    assert isinstance(desk.change(desk.signed_in(), PASSWORD, "Suzuki1985", desk.origin()), Changed)


def test_a_member_without_a_record_is_judged_by_number_and_words() -> None:
    desk = Desk()
    session = desk.signed_in()
    assert desk.change(session, PASSWORD, "Jgets2026", desk.origin()) == Faulty((Fault.GUESSABLE,))
    assert isinstance(desk.change(session, PASSWORD, "Yamada1985", desk.origin()), Changed)


def test_the_record_travels_with_the_credential() -> None:
    desk = with_record(Desk())
    session = desk.signed_in()
    desk.database.calls.clear()
    desk.change(session, PASSWORD, GUESSES[0], desk.origin())
    assert desk.database.calls == {"read": 1}
    link = desk.link()
    desk.database.calls.clear()
    desk.reset(link, GUESSES[0], desk.origin())
    assert desk.database.calls == {"read": 2}


# On the pages ----------------------------------------


def changed(portal: Portal, new: str) -> Page:
    portal.browser.get("/member/login")
    portal.browser.post("/member/login", {"member_no": NUMBER, "password": PASSWORD})
    portal.browser.get("/member/password")
    form = {"current_password": PASSWORD, "new_password": new, "confirm_password": new}
    return portal.browser.post("/member/password", form)


def test_the_change_page_says_why_and_what_to_do() -> None:
    portal = Portal()
    with_record(portal)
    page = changed(portal, "Yamada1985")
    assert page.status == 422
    assert TEXT in page.text
    assert "別のパスワードにしてください" in page.text
    assert "Yamada1985" not in page.text


def test_a_common_one_is_told_apart() -> None:
    page = changed(Portal(), "Password1")
    assert page.status == 422
    assert (
        "多くの人が使っているパスワードのため、推測されやすく、ご利用いただけません。" in page.text
    )


def test_the_reset_page_says_the_same() -> None:
    portal = Portal()
    path, token = "/member/password/reset/{token}", portal.link()
    portal.browser.get(path, token=token)
    form = {"new_password": "Naishikyou1", "confirm_password": "Naishikyou1"}
    body = urlencode({**form, "csrf": portal.browser.token}).encode()
    page = portal.browser.post_raw(path, body, token=token)
    assert page.status == 422
    assert TEXT in page.text


def test_the_rule_stands_on_the_page_beside_the_manuals_and_is_not_ticked() -> None:
    portal = Portal()
    text = portal.browser.get("/member/password/reset/{token}", token=portal.link()).text
    assert "<li>お名前、会員番号、会の名前などに数字や記号を足しただけのものと" in text
    assert "15文字以上のパスワードをおすすめします" in text
