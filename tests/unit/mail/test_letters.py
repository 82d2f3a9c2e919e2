"""From rows to letters: whom a mail goes to, and the reset link made at the moment of sending."""

import re
from dataclasses import replace
from datetime import date

import pytest

from functions.mailer.letters import LetterWriter
from portal.accounts import reset
from portal.accounts.hashing import StoredPassword
from portal.accounts.model import Credential
from portal.accounts.store import CredentialStore
from portal.database import Unreachable, Value
from portal.ids import digest
from portal.mail.deliver import NoAddress, Nothing
from portal.mail.messages import MessageError
from portal.mail.outbox import Row, State
from portal.mail.sender import Letter
from portal.members import store as members
from portal.members.confirm_email import Confirmed, confirm_email
from portal.members.model import Member
from tests.fakes import FixedClock, MemoryDatabase
from tests.unit.mail.doubles import BASE_URL, PAID, society
from tests.unit.members.desk import TABLES, a_member, a_moved_member

NUMBER = "001234"


class Office:
    """A letter writer with one member in its tables."""

    def __init__(self, member: Member | None = None) -> None:
        self.database = MemoryDatabase()
        self.clock = FixedClock()
        self.member = member or a_member()
        self.credentials = credentials = CredentialStore(self.database, TABLES.credentials)
        stored = StoredPassword("$2b$", "p1", 4, self.clock())
        self.database.commit(members.new(TABLES.members, self.member))
        self.database.commit(
            credentials.create(
                Credential(
                    member_no=self.member.member_no,
                    member_id=self.member.member_id,
                    password=stored,
                    history=(stored,),
                    changed_on=date(2026, 11, 1),
                    must_change=False,
                )
            )
        )
        self.write = LetterWriter(
            self.database, credentials, TABLES, society(), BASE_URL, self.clock
        )

    def row(self, kind: str = "card_paid", **data: Value) -> Row:
        """Return a claimed row of this member."""
        given = data or PAID
        owner = "" if kind == "reset_request" else self.member.member_id
        return Row("mail", kind, owner, given, State.SENDING, 1, self.clock())

    def reset(self, member_no: str = NUMBER, email: str = "hanako@example.jp") -> Letter | Nothing:
        """Answer one request for a reset."""
        return self.write(self.row("reset_request", member_no=member_no, email=email))

    @property
    def links(self) -> int:
        """How many reset links are stored."""
        return len(self.database.rows(TABLES.sessions))


def test_a_mail_goes_to_the_address_in_the_record_now() -> None:
    """Also before a new address is confirmed: payment mails must not wait for that."""
    office = Office(a_member(email="new@example.jp"))
    letter = office.write(office.row())
    assert isinstance(letter, Letter)
    assert letter.to == "new@example.jp"


def test_a_row_that_names_its_address_goes_there() -> None:
    """So a changed address is told to the old one too."""
    office = Office()
    letter = office.write(office.row("email_changed", to="old@example.jp"))
    assert isinstance(letter, Letter)
    assert letter.to == "old@example.jp"


def test_a_member_without_an_address_cannot_be_told() -> None:
    office = Office(a_member(email=""))
    with pytest.raises(NoAddress):
        office.write(office.row())


def test_a_row_that_cannot_be_written_reads_nothing() -> None:
    office = Office()
    office.database.calls.clear()
    with pytest.raises(MessageError):
        office.write(office.row(amount=1))
    assert office.database.calls == {}


def test_the_reset_mail_carries_a_link_that_opens() -> None:
    office = Office()
    letter = office.reset()
    assert isinstance(letter, Letter)
    found = re.search(r"/member/password/reset/(\S+)", letter.text)
    assert found
    link = reset.find(office.database, TABLES.sessions, found[1], office.clock())
    assert link
    assert (link.member_id, link.member_no) == (office.member.member_id, NUMBER)
    assert letter.to == "hanako@example.jp"


def test_of_the_reset_token_only_the_hash_is_kept() -> None:
    office = Office()
    letter = office.reset()
    assert isinstance(letter, Letter)
    found = re.search(r"/reset/[0-9a-z]{26}\.(\S+)", letter.text)
    assert found
    rows = str(office.database.tables)
    assert found[1] not in rows
    assert digest(found[1]) in rows


def test_case_does_not_matter_in_the_address() -> None:
    assert isinstance(Office().reset(email="Hanako@EXAMPLE.jp"), Letter)


@pytest.mark.parametrize(
    ("member_no", "email"),
    [
        ("999999", "hanako@example.jp"),
        (NUMBER, "somebody@example.jp"),
        ("", "hanako@example.jp"),
        (NUMBER, ""),
    ],
)
def test_who_does_not_know_number_and_address_gets_no_mail_and_no_link(
    member_no: str, email: str
) -> None:
    office = Office()
    assert isinstance(office.reset(member_no, email), Nothing)
    assert office.links == 0


def test_an_unconfirmed_address_gets_no_reset_mail() -> None:
    """Whoever changed the address in a stolen session must not get the password with it."""
    office = Office(a_moved_member("thief@example.jp"))
    assert isinstance(office.reset(email="thief@example.jp"), Nothing)
    assert office.links == 0


def test_whose_way_in_the_office_closed_gets_no_reset_mail() -> None:
    """The mail was asked for before or after: what counts is the moment of sending."""
    office = Office()
    credential = office.credentials.find(NUMBER)
    assert credential is not None
    office.database.commit(office.credentials.close(credential, office.clock()))
    assert isinstance(office.reset(), Nothing)
    assert office.links == 0
    office.database.commit(office.credentials.open(NUMBER))
    assert isinstance(office.reset(), Letter)


def test_until_a_new_address_is_confirmed_the_one_before_serves_for_a_reset() -> None:
    """So a typing error in the new one locks nobody out."""
    office = Office(a_moved_member("hanako@gmial.com"))
    letter = office.reset(email="Hanako@example.jp")
    assert isinstance(letter, Letter)
    assert letter.to == "hanako@example.jp"


def test_once_a_new_address_is_confirmed_the_one_before_serves_no_more() -> None:
    member = a_moved_member("new@example.jp")
    office = Office(replace(member, confirmed_email="new@example.jp"))
    assert isinstance(office.reset(email="hanako@example.jp"), Nothing)
    letter = office.reset(email="new@example.jp")
    assert isinstance(letter, Letter)
    assert letter.to == "new@example.jp"


def test_a_member_without_an_address_gets_no_link_by_an_empty_one() -> None:
    office = Office(a_member(email=""))
    assert isinstance(office.reset(email=""), Nothing)


def test_no_link_is_mailed_that_was_not_stored() -> None:
    office = Office()
    office.database.fail_next = [("write", Unreachable("silence"))]
    with pytest.raises(Unreachable):
        office.reset()


# The link by which a new address confirms itself


NEW = "new@example.jp"


def asked(office: Office, kind: str = "email_changed", to: str = NEW) -> Letter:
    letter = office.write(office.row(kind, to=to, confirm=True))
    assert isinstance(letter, Letter)
    assert letter.to == to
    return letter


def token_in(letter: Letter) -> str:
    found = re.search(rf"^{BASE_URL}/member/email/(\S+)$", letter.text, re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("kind", ["email_changed", "email_confirmation"])
def test_a_new_address_is_mailed_a_link_that_confirms_it(kind: str) -> None:
    office = Office(a_moved_member(NEW))
    token = token_in(asked(office, kind))
    outcome = confirm_email(office.database, TABLES, token, now=office.clock(), source="")
    assert outcome == Confirmed()
    assert isinstance(office.reset(email=NEW), Letter)


@pytest.mark.parametrize("kind", ["email_changed", "email_confirmation"])
def test_whose_way_in_the_office_closed_is_mailed_no_link(kind: str) -> None:
    """Who changed the address in a stolen session must not confirm it after the closing."""
    office = Office(a_moved_member(NEW))
    credential = office.credentials.find(NUMBER)
    assert credential is not None
    office.database.commit(office.credentials.close(credential, office.clock()))
    letter = office.write(office.row(kind, to=NEW, confirm=True))
    assert isinstance(letter, Nothing) or "/member/email/" not in letter.text
    assert office.links == 0


def test_of_the_links_token_only_the_hash_is_kept() -> None:
    office = Office(a_moved_member(NEW))
    secret = token_in(asked(office)).partition(".")[2]
    rows = str(office.database.tables)
    assert secret not in rows
    assert digest(secret) in rows


def test_the_old_address_is_told_without_a_link() -> None:
    office = Office(a_moved_member(NEW))
    letter = office.write(office.row("email_changed", to="hanako@example.jp"))
    assert isinstance(letter, Letter)
    assert "/member/email/" not in letter.text
    assert NEW not in letter.text
    assert office.links == 0


@pytest.mark.parametrize("member", [a_member(email=NEW), a_moved_member("newer@example.jp")])
def test_an_address_confirmed_or_changed_meanwhile_is_told_without_a_link(member: Member) -> None:
    """A mail that was late must not end the link of the mail that came after it."""
    office = Office(member)
    assert "/member/email/" not in asked(office).text
    assert office.links == 0


@pytest.mark.parametrize("member", [a_member(email=NEW), a_moved_member("newer@example.jp")])
def test_a_mail_that_was_to_ask_again_is_not_sent_when_nothing_waits(member: Member) -> None:
    office = Office(member)
    row = office.row("email_confirmation", to=NEW, confirm=True)
    assert isinstance(office.write(row), Nothing)
    assert office.links == 0


def test_no_confirmation_link_is_mailed_that_was_not_stored() -> None:
    office = Office(a_moved_member(NEW))
    office.database.fail_next = [("write", Unreachable("silence"))]
    with pytest.raises(Unreachable):
        asked(office)
