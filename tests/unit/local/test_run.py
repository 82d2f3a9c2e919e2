"""What ``make run`` tells the person."""

from pathlib import Path

from local.demo_people import people
from local.run import welcome
from local.settings import Settings


def test_the_last_line_holds_the_address(tmp_path: Path) -> None:
    text = welcome(Settings(5000, 5001, 5002, tmp_path), people(), 12.3)

    assert text.splitlines()[-1] == (
        "The portal is at http://jgets-member.localhost:5000/member/login"
    )


def test_every_account_and_the_mailbox_are_told(tmp_path: Path) -> None:
    text = welcome(Settings(5000, 5001, 5002, tmp_path), people(), 12.3)

    assert "http://127.0.0.1:5002" in text
    for person in people():
        assert f"{person.member_no:<12}{person.password}" in text
