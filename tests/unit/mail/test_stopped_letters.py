"""To an address that mail does not reach none is sent, but a test of it and a reset."""

from dataclasses import replace

import pytest

from portal.mail.deliver import Nothing
from portal.mail.sender import Letter
from portal.members.model import MailFault
from tests.unit.mail.doubles import society
from tests.unit.mail.test_letters import Office
from tests.unit.members import desk

ADDRESS = desk.TEXTS["email"]
FAULT = MailFault(ADDRESS, "Permanent/General", desk.NOON)
STOPPED = Nothing("mail to this address does not arrive")


def office(fault: MailFault = FAULT, email: str = ADDRESS) -> Office:
    """Return a letter writer whose member's address is marked."""
    made = Office(desk.a_member(email=email))
    row = {
        "mail_fails": "F",
        "mail_fails_at": "2026-11-22T03:00:00.000000Z",
        "mail_fails_to": fault.address,
        "mail_fails_why": fault.why,
    }
    table = made.database.tables[desk.TABLES.members]
    (place,) = table
    table[place] = {**table[place], **row}
    return made


@pytest.mark.parametrize("kind", ["card_paid", "password_changed"])
def test_a_notice_to_a_marked_address_is_skipped_and_not_failed(kind: str) -> None:
    made = office()
    assert made.write(made.row(kind)) == STOPPED


def test_the_confirmation_of_a_marked_address_waits_for_the_test() -> None:
    made = Office(replace(desk.a_moved_member(ADDRESS), confirmed_email="old@example.jp"))
    row = made.row("email_confirmation", to=ADDRESS, confirm=True)
    assert isinstance(made.write(row), Letter)
    marked = replace(FAULT, address=ADDRESS)
    stopped = office(marked)
    table = stopped.database.tables[desk.TABLES.members]
    (place,) = table
    table[place] = {**table[place], "confirmed_email": "old@example.jp"}
    assert stopped.write(row) == STOPPED
    assert stopped.links == 0


def test_a_mark_of_an_address_of_earlier_stops_nothing() -> None:
    made = office(email="new@example.jp")
    letter = made.write(made.row())
    assert isinstance(letter, Letter)
    assert letter.to == "new@example.jp"


def test_a_test_mail_goes_all_the_same_and_clears_sess_own_list_first() -> None:
    made = office()
    letter = made.write(made.row("mail_test", to=ADDRESS))
    assert isinstance(letter, Letter)
    assert (letter.to, letter.afresh) == (ADDRESS, True)
    assert society().mail_domain in letter.text


def test_no_other_mail_clears_sess_list() -> None:
    made = Office()
    for row in (made.row(), made.row("email_changed", to="old@example.jp")):
        letter = made.write(row)
        assert isinstance(letter, Letter)
        assert not letter.afresh


def test_a_reset_goes_all_the_same_and_says_whose_it_was() -> None:
    """Nobody is ever locked out by a bounce that was passing after all."""
    made = office()
    letter = made.reset()
    assert isinstance(letter, Letter)
    assert (letter.to, letter.member_id) == (ADDRESS, made.member.member_id)
