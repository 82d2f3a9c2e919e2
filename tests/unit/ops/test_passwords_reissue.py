"""The office issues one member a new initial password (M6)."""

import stat
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from ops.desk import no_hasher
from ops.exits import Status
from ops.terminal import terminal
from portal.accounts.initial_password import ALPHABET, LENGTH
from portal.accounts.sign_in import InitialEnded, Refused, SignedIn
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import network_of
from portal.database import Contended, Item, Key, Query, Unreachable
from tests.browser.pdftext import page_texts
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import AWAY, HOME, INITIAL, MEMBER_ID, NUMBER, PASSWORD
from tests.unit.members.desk import TABLES
from tests.unit.ops.letters_office import LetterOffice
from tests.unit.ops.passwords_office import SIGNED, Office


@pytest.mark.parametrize("number", ["999999", "1234", "x", "-1", "００１２３４５"])
def test_an_unknown_number_is_refused_and_nothing_written(number: str) -> None:
    office = Office()
    before = office.stored()
    assert office.types_bare("reissue", "--yes", *SIGNED, "--", number) == Status.REFUSED
    assert "登録されていません" in office.text
    assert office.stored() == before


def test_without_a_reason_nothing_is_done() -> None:
    for signed in (["--by", "山田"], ["--by", " ", "--reason", "電話"]):
        assert Office().types_bare("reissue", NUMBER, "--yes", *signed) == Status.USAGE


def test_without_yes_nothing_is_written_and_no_password_made() -> None:
    office = Office()
    office.portal.signed_in()
    before = office.stored()
    assert office.types("reissue", NUMBER) == 0
    assert "--yes" in office.text
    assert office.stored() == before
    assert office.screen.getvalue() == ""


def test_whose_password_ends_is_told_by_name(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path)
    assert office.types("reissue", NUMBER) == 0
    assert "山田 花子" in office.text


def test_without_a_terminal_no_password_is_issued() -> None:
    office = Office()
    before = office.stored()
    desk = replace(office.desk, terminal=lambda: None)
    assert office.types("reissue", NUMBER, "--yes", desk=desk) == 1
    assert "端末から直接" in office.text
    assert office.stored() == before


def test_a_desk_without_a_pepper_cannot_issue() -> None:
    with pytest.raises(LookupError):
        no_hasher()


def test_where_there_is_no_terminal_none_is_opened(tmp_path: Path) -> None:
    assert terminal(tmp_path / "no" / "tty") is None


def test_what_is_written_to_the_terminal_is_there(tmp_path: Path) -> None:
    screen = tmp_path / "tty"
    opened = terminal(screen)
    assert opened is not None
    with opened:
        opened.write("初期パスワード")
    assert screen.read_text(encoding="utf-8") == "初期パスワード"


# What it does ----------------------------------------


def test_the_new_password_opens_the_change_page_and_the_old_one_nothing() -> None:
    office = Office()
    assert office.types("reissue", NUMBER, "--yes") == 0
    assert len(office.password) == LENGTH
    assert set(office.password) <= set(ALPHABET)
    assert office.portal.try_in(PASSWORD) == Refused()
    outcome = office.portal.try_in(office.password)
    assert isinstance(outcome, SignedIn)
    assert outcome.must_change


def test_it_is_shown_on_the_terminal_once_and_is_nowhere_else() -> None:
    office = Office()
    office.types("reissue", NUMBER, "--yes")
    assert office.screen.shown.count(office.password) == 1
    assert office.password not in office.text
    assert office.password not in office.stored()


def test_an_initial_password_before_it_dies_too() -> None:
    office = Office()
    office.portal.enrol(INITIAL, first=True)
    office.types("reissue", NUMBER, "--yes")
    assert office.portal.try_in(INITIAL) == Refused()


def test_it_lives_180_days() -> None:
    office = Office()
    office.types("reissue", NUMBER, "--yes")
    assert "（180日間）" in office.text
    office.portal.clock.tick(days=180, seconds=-1)
    assert isinstance(office.portal.try_in(office.password, HOME), SignedIn)
    office.portal.clock.tick(seconds=1)
    assert office.portal.try_in(office.password, HOME) == InitialEnded()


def test_all_sessions_and_mailed_links_end() -> None:
    office = Office()
    office.portal.signed_in(address=HOME)
    office.portal.signed_in(address=AWAY)
    office.portal.link()
    office.types("reissue", NUMBER, "--yes")
    assert office.portal.rows(TABLES.sessions) == []
    assert "ログアウトした端末: 2台" in office.text


def test_a_disabled_number_opens_with_the_new_password_from_anywhere() -> None:
    office = Office()
    office.portal.fail(100)
    office.types("reissue", NUMBER, "--yes")
    assert isinstance(office.portal.try_in(office.password, "192.0.2.77"), SignedIn)


def test_the_history_counts_it_and_the_ones_before() -> None:
    office = Office()
    before = office.portal.credential.password
    office.types("reissue", NUMBER, "--yes")
    credential = office.portal.credential
    assert credential.history == (credential.password, before)
    assert credential.knows(network_of(HOME), office.portal.clock()) is False


def test_the_member_is_told_without_the_password() -> None:
    office = Office()
    office.types("reissue", NUMBER, "--yes")
    (mail,) = office.portal.rows(TABLES.outbox)
    assert (mail["kind"], mail["member_id"], mail["data"]) == ("password_reissued", MEMBER_ID, {})
    assert office.password not in repr(mail)


def test_it_is_audited_with_who_and_why_and_without_the_password() -> None:
    office = Office()
    office.types("reissue", NUMBER, "--yes")
    (entry,) = [r for r in office.portal.rows(TABLES.audit) if r["action"] == "password_reissued"]
    assert (entry["actor"], entry["note"]) == ("office:山田", "本人から電話")
    assert office.password not in repr(entry)


def test_a_sign_in_at_the_same_moment_does_not_survive() -> None:
    """Someone with the old password signs in after the sessions were listed."""
    office = Office()
    real = office.portal.database

    class SignInMeanwhile:
        times = 1

        def query(self, query: Query) -> list[Item]:
            found = real.query(query)
            if self.times:
                self.times -= 1
                office.portal.signed_in()
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    desk = replace(office.desk, database=SignInMeanwhile())  # type: ignore[arg-type]
    assert office.types("reissue", NUMBER, "--yes", desk=desk) == 0
    assert office.portal.live_sessions() == 0
    assert office.portal.try_in(PASSWORD) == Refused()


def test_when_the_transaction_fails_the_old_password_stays_and_none_is_shown() -> None:
    office = Office()
    before = office.portal.credential
    office.portal.database.fail_next.append(("write", Unreachable()))
    assert office.types("reissue", NUMBER, "--yes") == Status.UNKNOWN
    assert office.portal.credential == before
    assert office.screen.shown == ""


def test_every_row_is_written_together() -> None:
    office = Office()
    office.portal.database.calls.clear()
    office.types("reissue", NUMBER, "--yes")
    assert office.portal.database.calls["write"] == 1


def test_a_row_that_stays_busy_is_an_error_to_be_tried_again() -> None:
    office = Office()
    office.portal.database.fail_next += [("write", Contended())] * 3
    assert office.types("reissue", NUMBER, "--yes") == Status.UNKNOWN


def test_the_number_may_be_typed_in_full_width() -> None:
    office = Office()
    assert office.types("reissue", "００１２３４", "--yes") == 0


# As a letter ----------------------------------------


@pytest.fixture
def post(tmp_path: Path) -> LetterOffice:
    return LetterOffice(tmp_path, new=0)


def letter(office: LetterOffice, file: Path) -> int:
    return office.types("reissue", NUMBER, "--yes", "--letter", str(file))


def test_as_a_letter_it_is_on_no_screen_and_works(post: LetterOffice, tmp_path: Path) -> None:
    file = tmp_path / "手紙.pdf"
    assert letter(post, file) == Status.DONE
    with pikepdf.open(file) as pdf:
        (text,) = page_texts(pdf)
    password = next(
        text[place : place + LENGTH]
        for place in range(len(text))
        if post.works(NUMBER, text[place : place + LENGTH])
    )
    assert isinstance(post.portal.try_in(password), SignedIn)
    assert post.screen.shown == post.screen.getvalue() == ""
    assert password not in post.text + post.stored()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.part")) == []


def test_a_letter_is_not_written_over_another(post: LetterOffice, tmp_path: Path) -> None:
    file = tmp_path / "手紙.pdf"
    file.write_text("mine")
    before = post.stored()
    assert letter(post, file) == Status.REFUSED
    assert file.read_text() == "mine"
    assert post.stored() == before


def test_a_letter_that_cannot_be_written_changes_nothing(
    post: LetterOffice, tmp_path: Path
) -> None:
    before = post.stored()
    assert letter(post, tmp_path / "no" / "手紙.pdf") == Status.REFUSED
    assert post.stored() == before


def test_without_an_address_there_is_no_letter(post: LetterOffice, tmp_path: Path) -> None:
    post.joins("030001", postal_code="")
    before = post.stored()
    words = ("reissue", "030001", "--yes", "--letter", str(tmp_path / "手紙.pdf"))
    assert post.types(*words) == Status.REFUSED
    assert "揃っていない" in post.text
    assert post.stored() == before


def test_a_letter_whose_password_never_became_good_has_not_its_name(
    post: LetterOffice, tmp_path: Path
) -> None:
    post.database.fail_next += [("write", Contended())] * 3
    file = tmp_path / "手紙.pdf"
    assert letter(post, file) == Status.UNKNOWN
    assert not file.exists()
    # Nobody prints what is left over, and a password lies nowhere.
    assert list(tmp_path.glob("*.part")) == []
    assert isinstance(post.portal.try_in(PASSWORD), SignedIn)
    assert letter(post, file) == Status.DONE
    assert list(tmp_path.glob("*.part")) == []


class WithdrawnMeanwhile(MemoryDatabase):
    """The same rows; the way in is closed after it was first looked at."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.tables = office.portal.database.tables
        self.credentials = CredentialStore(office.portal.database, TABLES.credentials)
        self.portal = office.portal

    def get(self, table: str, key: Key) -> Item | None:
        found = super().get(table, key)
        credential = self.credentials.find(NUMBER)
        if credential is not None and not credential.closed:
            change = self.credentials.close(credential, self.portal.clock())
            self.portal.database.commit(change)
        return found


def test_who_left_at_that_moment_gets_no_password_and_no_mail() -> None:
    office = Office()
    desk = replace(office.desk, database=WithdrawnMeanwhile(office))
    assert office.types("reissue", NUMBER, "--yes", desk=desk) == Status.REFUSED
    assert "利用を止めています" in office.text
    assert office.portal.database.rows(TABLES.outbox) == []
    assert office.screen.shown.strip() == ""
