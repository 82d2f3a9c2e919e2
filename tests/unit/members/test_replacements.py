"""The file of proposals: made by the generator from the official maps, and cheap to have.

Seen red: by one pair added to the file by hand, and by the maps taken in the other order.
"""

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

import portal
from portal.members.characters import Repertoire, inspect
from portal.members.jisx0208 import in_jis_x_0208
from portal.members.replacements import substitute

FILE = Path(portal.__file__).parent / "members/replacements.txt"


def lines() -> list[list[str]]:
    every = FILE.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in every if not line.startswith("#")]


def test_the_file_is_what_the_generator_writes_byte_for_byte() -> None:
    pytest.importorskip("jntajis", reason="the package does not fit this machine")
    from layers.build import replacements

    assert replacements.text().encode() == FILE.read_bytes()


def test_the_heading_names_sources_and_licences_in_ascii() -> None:
    heading = "".join(one for one in FILE.read_text("utf-8").splitlines(True) if one[0] == "#")
    assert heading.isascii()
    for part in ("National Tax Agency", "CC BY 4.0", "CITPC", "CC BY-SA 2.1 JP"):
        assert part in heading


def test_each_line_replaces_refused_characters_by_accepted_ones() -> None:
    refused = "".join(keys for _, keys in lines())
    assert len(refused) == len(set(refused)) > 15_000
    assert not [one for one in refused if in_jis_x_0208(one) or one.isascii()]
    assert [offered for offered, _ in lines() if inspect(offered, Repertoire.ADDRESS)] == []


def test_each_character_of_the_file_is_found_with_its_own_line() -> None:
    for offered, keys in lines():
        for one in keys:
            assert substitute(one) == offered


def test_the_tax_agencys_map_comes_before_the_map_of_the_registers() -> None:
    """The agency keeps 濱, which the registers' map would make 浜."""
    assert [substitute(one) for one in "濵㟢鬭麵"] == ["濱", "嵜", "鬪", "麺"]


def test_unicode_knows_what_the_maps_leave_out() -> None:
    assert substitute("⼾") == "戸"  # The radical's own ideograph 戶 is outside the set too.
    assert substitute("㍿") == "株式会社"
    assert unicodedata.normalize("NFKC", "㋿") == substitute("㋿") == "令和"


@pytest.mark.parametrize("one", ["山", "ア", "a", "#", "\n", "\t", "彅", "한", "\U0010fffd"])
def test_nothing_stands_for_accepted_kanji_and_kana_or_one_that_nothing_resembles(one: str) -> None:
    assert substitute(one) is None


def test_the_file_is_not_read_before_a_character_is_refused() -> None:
    program = (
        "from portal.members import replacements as r; from portal.members.checks import check;"
        "from portal.members.fields import BY_NAME; name = BY_NAME['family_name'];"
        "check(name, '山崎'); print(r._text.cache_info().currsize, end=' ');"
        "check(name, '山﨑'); print(r._text.cache_info().currsize)"
    )
    command = [sys.executable, "-c", program]
    layer = str(FILE.parents[2])
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": layer}
    )
    assert done.stdout.split() == ["0", "1"]
