"""A member without a password yet: nobody signs in, and nothing tells it from a wrong password."""

from dataclasses import replace

from portal.accounts.new_password import Changed
from portal.accounts.no_password import has_no_password, no_password
from portal.accounts.sign_in import Refused, SignedIn
from tests.unit.accounts.desk import COST, OTHER, PASSWORD, Desk


def waiting() -> Desk:
    """Return a desk whose member has no password."""
    desk = Desk()
    stored = no_password(desk.hasher, desk.clock())
    credential = replace(desk.credential, password=stored, history=(stored,), must_change=True)
    desk.database.tables.pop("credentials")
    desk.database.commit(desk.credentials.create(credential))
    desk.work.costs.clear()
    return desk


def test_no_password_signs_in() -> None:
    desk = waiting()
    for password in ("", "*", "*" * 31, desk.credential.password.bcrypt, PASSWORD):
        desk.clock.tick(hours=2)
        assert isinstance(desk.try_in(password), Refused)


def test_the_work_is_that_of_a_wrong_password() -> None:
    desk = waiting()
    desk.try_in("Wrong1234")
    assert desk.work.costs == [COST]


def test_it_is_told_from_a_password() -> None:
    desk = Desk()
    assert not has_no_password(desk.credential.password)
    assert has_no_password(waiting().credential.password)


def test_a_reset_by_mail_gives_a_password() -> None:
    desk = waiting()
    changed = desk.reset(desk.link(), OTHER, desk.origin())
    assert isinstance(changed, Changed)
    assert isinstance(desk.try_in(OTHER), SignedIn)
