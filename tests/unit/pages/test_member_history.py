"""変更履歴: what changed in the member's record."""

import re
from dataclasses import replace

from portal.members import history
from portal.members.model import Member, Record
from tests.unit.members.desk import NOON, TABLES, Desk, a_member

EDIT, HISTORY = "/member/profile/edit", "/member/profile/history"


def save(desk: Desk, **changes: str) -> None:
    desk.browser.get(EDIT)
    form = {**desk.form(), "version": str(desk.stored.version), **changes}
    assert desk.browser.post(EDIT, form).status == 303


def rows(text: str) -> list[tuple[str, ...]]:
    shown = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', text)
    return [tuple(one) for one in shown]


def with_city(member: Member, city: str) -> Member:
    return replace(member, record=Record.of({**member.record.values(), "city": city}))


def test_a_saved_change_is_shown_with_both_texts() -> None:
    desk = Desk()
    save(desk, city="杉並区", building="")
    page = desk.browser.get(HISTORY)
    assert page.status == 200
    assert rows(page.text) == [
        ("市区町村", "中野区", "杉並区"),
        ("建物名", "コーポ中野２０１", "（空欄）"),
    ]
    assert "2026年11月22日 12:00" in page.text
    assert "ご本人による変更" in page.text


def test_the_newest_change_stands_first() -> None:
    desk = Desk()
    save(desk, city="杉並区")
    desk.clock.tick(minutes=5)
    save(desk, city="港区")
    changed = [after for _, _, after in rows(desk.browser.get(HISTORY).text)]
    assert changed == ["港区", "杉並区"]


def test_a_change_by_the_office_is_told_as_such() -> None:
    desk = Desk()
    moved = with_city(desk.member, "港区")
    desk.database.commit(
        history.written(TABLES.members, desk.member, moved, by=history.OFFICE, now=NOON)
    )
    assert "事務局による変更" in desk.browser.get(HISTORY).text


def test_saving_what_is_stored_leaves_no_change() -> None:
    desk = Desk()
    save(desk)
    assert "変更はまだありません" in desk.browser.get(HISTORY).text


def test_another_members_changes_are_not_shown() -> None:
    desk = Desk()
    other = replace(a_member(), member_id="zzzzzzzzzzzzzzzzzzzzzzzzzz")
    moved = with_city(other, "港区")
    desk.database.commit(history.written(TABLES.members, other, moved, by=history.MEMBER, now=NOON))
    assert "港区" not in desk.browser.get(HISTORY).text


def test_a_refused_change_leaves_no_trace() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    desk.change_elsewhere(city="港区")
    assert desk.browser.post(EDIT, desk.form(city="杉並区")).status == 409
    assert "杉並区" not in desk.browser.get(HISTORY).text


def test_a_field_that_the_record_no_longer_has_is_shown_by_its_name() -> None:
    row = {"pk": "m", "sk": "CHANGE#2026-11-22T03:00:00.000000Z#abc", "by": "member"}
    (change,) = history.changes([row | {"before": {"fax": "1"}, "after": {"fax": "2"}}])
    assert change.lines == (history.Line("fax", "1", "2"),)
