"""The file of postcodes as it is built, and reading it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from layers.build import postcodes
from portal.members.checks import check
from portal.members.fields import BY_NAME
from portal.members.postcodes import Area, Postcodes


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("postcodes") / postcodes.FILE
    postcodes.put(target)
    return target


@pytest.mark.parametrize(
    ("code", "areas"),
    [
        ("1000001", [Area("東京都", "千代田区", "千代田")]),
        ("0600000", [Area("北海道", "札幌市中央区", "")]),
        ("4980000", [Area("愛知県", "弥富市", ""), Area("三重県", "桑名郡木曽岬町", "")]),
        ("1138655", [Area("東京都", "文京区", "本郷７丁目３−１")]),
        ("4090142", [Area("山梨県", "北都留郡小菅村", "")]),
        ("9999999", []),
    ],
)
def test_a_code_leads_to_its_addresses(built: Path, code: str, areas: list[Area]) -> None:
    assert list(Postcodes(built).areas(code)) == areas


def test_lots_are_no_part_of_a_town(built: Path) -> None:
    towns = [area.town for area in Postcodes(built).areas("0295503")]
    assert towns == ["穴明", "清水ケ野", "間木野", "湯田"]


def test_every_address_passes_the_check_of_its_fields(built: Path) -> None:
    wrong = [text for name, text in texts(built) if check(BY_NAME[name], text).problem]
    assert wrong == []


def texts(built: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(built)) as database:
        for prefecture, city in database.execute("SELECT prefecture, city FROM city"):
            yield "prefecture", prefecture
            yield "city", city
        for (town,) in database.execute("SELECT DISTINCT town FROM area WHERE town != ''"):
            yield "street", town


def test_hardly_any_code_of_japan_is_missing(built: Path) -> None:
    with closing(sqlite3.connect(built)) as database:
        (codes,) = database.execute("SELECT COUNT(DISTINCT code) FROM area").fetchone()
    assert codes > 140_000


def test_the_same_rows_make_the_same_file(tmp_path: Path) -> None:
    rows = [("1000001", "東京都", "千代田区", "千代田"), ("0600000", "北海道", "札幌市中央区", "")]
    for name in ("one", "two"):
        postcodes.write(rows, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("name", "note", "town"),
    [
        ("千代田", "", "千代田"),
        ("小菅村の次に１〜６６３番地がくる場合", "", ""),
        ("穴明２２地割、穴明２", "３地割", "穴明"),
        ("清水ケ野１", "８地割", "清水ケ野"),
        ("浦臼第１", "", "浦臼第１"),
        ("東池袋サンシャイン６０", "37階", "東池袋サンシャイン６０３７階"),
        ("一円", "", "一円"),
    ],
)
def test_a_town_is_what_stands_in_an_address(name: str, note: str, town: str) -> None:
    assert postcodes.town_of(name, note) == town


def test_an_offices_lot_that_the_record_would_refuse_is_left_out() -> None:
    assert postcodes.office_town("本町", "1-2①ビル") == "本町"


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Postcodes(tmp_path / "nothing").areas("1000001")
