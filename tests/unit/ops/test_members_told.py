"""``members import``: what a program is told, and who waits for a long one."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.ops.members_office import SIGNED, Office, a_row, as_csv


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


# For programs


def test_a_program_is_told_the_counts_and_where_the_refused_rows_are(office: Office) -> None:
    office.file.write_bytes(as_csv(a_row("0007"), a_row("0008", city="")))
    facts = office.data("import", str(office.file), "--yes", *SIGNED)
    assert facts["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert facts["errors"] == str(office.folder / "会員_エラー.csv")
    assert office.data("import", str(office.file))["counts"]["unchanged"] == 1


# Progress


def test_a_long_import_tells_how_far_it_is_on_the_error_output(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    ticks = iter(range(1000))
    office.desk = replace(office.desk, timer=lambda: float(next(ticks)))
    office.looks(as_csv(*(a_row(f"{number:06d}") for number in range(10))))
    told = capsys.readouterr().err
    assert "… 2 / 10 行（20%、残り約 8 秒）" in told
    assert "…" not in office.text


def test_a_short_one_tells_nothing(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.looks(as_csv(a_row()))
    assert capsys.readouterr().err == ""
