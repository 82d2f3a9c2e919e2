"""Where members stand, in the office's file: kind, leave, exemption. Leaving is a command."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from portal.config import MemberKind
from portal.database import Write
from portal.members import store
from portal.members.model import Member
from portal.members.standing import Membership, Standing
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import NUMBER
from tests.unit.members.desk import TABLES, a_member
from tests.unit.ops.members_office import NEW, SIGNED, THERE, Office, a_row

TODAY = date(2026, 11, 22)
LEFT = Standing("準会員", Membership.WITHDRAWN, since=date(2026, 4, 1))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    kinds = (*made.desk.society.dues_kinds, MemberKind("準会員", 6000, 0))
    made.desk = replace(made.desk, society=replace(made.desk.society, dues_kinds=kinds))
    return made


def stands(office: Office, standing: Standing) -> Member:
    """Let the member stand so."""
    member = replace(a_member(), standing=standing)
    office.database.tables.pop(TABLES.members)
    office.database.commit(store.new(TABLES.members, member))
    return member


def says(office: Office, **cells: str) -> int:
    return office.imports({"member_no": NUMBER, **cells})


# Refused


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"会員種別": "名誉会員"}, "会員種別「名誉会員」はありません（正会員・準会員 のどれか）"),
        ({"会員状態": "休み"}, "会員状態「休み」はありません"),
        ({"会員状態": "退会"}, "members withdraw"),
        ({"会費免除": "髙"}, "会費免除"),
    ],
)
@pytest.mark.parametrize("new", [False, True])
def test_a_wrong_standing_refuses_the_row(
    office: Office, new: bool, cells: dict[str, str], told: str
) -> None:
    before = office.stored()
    assert office.imports({**(a_row() if new else {"member_no": NUMBER}), **cells}) == 3
    assert told in office.text
    assert office.stored() == before


def test_somebody_who_left_is_not_brought_back_by_a_file(office: Office) -> None:
    stands(office, LEFT)
    before = office.stored()
    for cell in ("在籍", "休会"):
        assert says(office, 会員状態=cell) == 3
        assert "members return" in office.text
    assert office.stored() == before


def test_a_withdrawal_at_that_very_moment_is_not_undone(office: Office) -> None:
    """Seen red by writing all that the office keeps, as it was read."""

    class Meanwhile(MemoryDatabase):
        left = False

        def commit(self, *writes: Write) -> None:
            if not self.left:
                self.left = True
                row = self.tables[TABLES.members][store.key(a_member().member_id)["pk"], "PROFILE"]
                row["membership"] = "withdrawn"
            super().commit(*writes)

    racing = Meanwhile()
    racing.tables = office.database.tables
    office.desk = replace(office.desk, database=racing)
    says(office, 勤務先="港病院", 会員状態="在籍")
    assert office.member().standing.withdrawn
    assert office.member().record.workplace == "港病院"
    racing.left = False
    stands(office, Standing())
    assert says(office, 会員状態="休会") == 3
    assert office.member().standing.withdrawn


# Taken


def test_a_new_member_stands_as_the_file_says(office: Office) -> None:
    assert office.imports(a_row(会員種別="準会員", 会員状態="休会", 会費免除="災害")) == 0
    expected = Standing("準会員", Membership.ON_LEAVE, "災害", TODAY)
    assert office.member(NEW).standing == expected


def test_a_new_member_of_whom_nothing_is_said_is_one_of_the_first_kind(office: Office) -> None:
    office.imports(a_row(会員種別="", 会員状態=" ", 会費免除=""))
    assert office.member(NEW).standing == Standing()


def test_a_change_is_audited_but_not_told_to_the_member(office: Office) -> None:
    assert says(office, 会員種別="準会員", 会員状態="休会", 会費免除="病気療養") == 0
    assert "会員状態「在籍」→「休会」" in office.text
    member = office.member()
    assert member.standing == Standing("準会員", Membership.ON_LEAVE, "病気療養", TODAY)
    assert (member.version, office.changes()) == (3, [])
    (entry,) = office.audited()
    assert entry["before"] == {"kind": "正会員", "membership": "在籍", "dues_exempt": ""}
    assert entry["after"] == {"kind": "準会員", "membership": "休会", "dues_exempt": "病気療養"}


def test_the_day_moves_with_the_membership_alone(office: Office) -> None:
    since = date(2025, 4, 1)
    stands(office, Standing(membership=Membership.ON_LEAVE, since=since))
    says(office, 会員種別="準会員")
    assert office.member().standing.since == since
    says(office, 会員状態="在籍")
    assert office.member().standing.since == TODAY


def test_an_empty_cell_ends_an_exemption_and_says_nothing_of_kind_and_membership(
    office: Office,
) -> None:
    stands(office, Standing("準会員", Membership.ON_LEAVE, "災害", TODAY))
    assert says(office, 会員種別="", 会員状態="", 会費免除="") == 0
    assert office.member().standing == Standing("準会員", Membership.ON_LEAVE, "", TODAY)


# Unchanged


@pytest.mark.parametrize(
    "standing",
    [
        Standing(),
        Standing("準会員", Membership.ON_LEAVE, "災害", TODAY),
        LEFT,
        Standing("以前の種別"),
    ],
)
def test_an_export_is_imported_as_unchanged_wherever_a_member_stands(
    office: Office, standing: Standing
) -> None:
    stands(office, standing)
    path = office.exports()
    before = office.stored()
    assert office.types("import", str(path), "--yes", *SIGNED) == 0, office.text
    assert "1 件  変更なし" in office.text
    assert office.stored() == before


def test_the_first_kind_is_the_one_that_is_noted_for_nobody(office: Office) -> None:
    assert office.imports({**THERE, "会員種別": "正会員", "会員状態": "在籍"}) == 0
    assert "1 件  変更なし" in office.text
