"""Every code point of Unicode against tables that nobody here wrote.

The set itself is held against the tax agency's encoder (jntajis-python) and Python's ISO-2022-JP,
the classes of what is refused against Unicode's own properties (the package regex).
Seen red: by a block of pictures cut short.
"""

import sys
import unicodedata
from collections.abc import Callable

import pytest
import regex

from portal.members.characters import Repertoire, inspect, normalise, propose
from portal.members.checks import check
from portal.members.fields import FIELDS, Kind
from portal.members.jisx0208 import in_jis_x_0208
from portal.members.reasons import SHAPELESS, Reason
from portal.members.replacements import substitute

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
ASSIGNED = [one for one in EVERY if unicodedata.category(one) not in ("Cn", "Co", "Cs")]
ACCEPTED = [one for one in EVERY if in_jis_x_0208(one)]
TAKEN = frozenset(ACCEPTED)
# What is not assigned or private is nearly a million alike; some of each have to do.
MET = sorted({*ASSIGNED, *EVERY[::211], *EVERY[0xD800:0xE010], *EVERY[0x10FFE0:]})
REPERTOIRES = [Repertoire.NAME, Repertoire.KANA, Repertoire.ADDRESS]

# Six codes of the standard have two spellings in Unicode; the tax agency takes the other one.
OURS, THEIRS = "〜−‖¢£¬", "～－∥￠￡￢"
FOLDED_TWINS = "～－∥￠￡￢—¥‾"
# The 105 人名用漢字 (of 864) outside the set, from 戸籍法施行規則 別表第二; the second part are
# compatibility ideographs, which an editor might silently rewrite.
NAME_KANJI = (
    "俠俱卽吞增寬巢徵德揭摑擊晚曆橫步歷每涉淚渴溫瀨焰狀"
    "瘦禱簞綠緖緣繡繫萊蔣薰虛蟬蠟賴郞醬錄鍊顚鷗黃黑"
)
COMPATIBILITY_KANJI = """
F91D F928 F929 F936 F9D0 FA16 FA19 FA1A FA1B FA22 FA26 FA30 FA31 FA33 FA34
FA35 FA37 FA38 FA3A FA3B FA3D FA3F FA40 FA41 FA43 FA44 FA45 FA46 FA47 FA48
FA4A FA4B FA4C FA4D FA4E FA4F FA50 FA51 FA52 FA53 FA54 FA55 FA56 FA57 FA59
FA5A FA5B FA5C FA5F FA61 FA62 FA63 FA64 FA65 FA67 FA68 FA69
"""


def jis_row(one: str) -> int:
    """Return the row by Python's ISO-2022-JP, which shifts to JIS X 0208 by ESC $ B."""
    try:
        code = one.encode("iso2022_jp")
    except UnicodeEncodeError:
        return 0
    return code[3] - 0x20 if code.startswith(b"\x1b$B") else 0


def matching(*properties: str) -> frozenset[str]:
    """Return the characters that have one of the Unicode properties, by the package regex."""
    pattern = regex.compile("[" + "".join(rf"\p{{{one}}}" for one in properties) + "]")
    return frozenset(pattern.findall("".join(EVERY)))


def folded(one: str, repertoire: Repertoire) -> bool:
    """Say whether a character is silently written another way."""
    return normalise(one, repertoire) != one


@pytest.fixture(scope="module")
def reasons() -> dict[str, Reason]:
    """The class of every assigned character that is refused for not being in the set."""
    refused = [one for one in ASSIGNED if one not in TAKEN and not folded(one, Repertoire.ADDRESS)]
    return {one: inspect(one, Repertoire.ADDRESS)[0].reason for one in refused}


def only(reasons: dict[str, Reason], *wanted: Reason) -> set[str]:
    return {one for one, reason in reasons.items() if reason in wanted}


def test_the_set_is_the_tax_agencys_but_for_the_six_twins() -> None:
    jntajis = pytest.importorskip("jntajis", reason="the package does not fit this machine")

    def takes(one: str) -> bool:
        try:
            jntajis.jnta_encode("jis", one, jntajis.ConversionMode.JISX0208)
        except UnicodeEncodeError:
            return False
        return True

    differing = [one for one in EVERY if in_jis_x_0208(one) != takes(one)]
    assert differing == sorted(OURS + THEIRS)
    assert normalise(THEIRS, Repertoire.ADDRESS) == OURS


def test_the_set_is_what_iso_2022_jp_writes_after_its_shift_to_jis_x_0208() -> None:
    assert len(ACCEPTED) == 6879
    assert [one for one in EVERY if jis_row(one)] == ACCEPTED


def a_name_takes(one: str, row: int) -> bool:
    kana, kanji, letter = row in (4, 5), row >= 16, row == 3 and one.isalpha()
    return kana or kanji or letter or one in "仝々〆〇ー・ヽヾゝゞ"


EXPECTED: dict[Repertoire, Callable[[str, int], bool]] = {
    Repertoire.NAME: a_name_takes,
    Repertoire.KANA: lambda one, row: row == 5 or one in "ー・",
    Repertoire.ADDRESS: lambda _, row: 1 <= row <= 7 or row >= 16,
}


@pytest.mark.parametrize("repertoire", REPERTOIRES)
def test_each_of_the_6879_is_taken_where_the_field_allows_it(repertoire: Repertoire) -> None:
    for one in ACCEPTED:
        if folded(one, repertoire):
            # A space at an edge is trimmed; a reading is written in katakana.
            assert unicodedata.name(one).startswith(("HIRAGANA", "IDEOGRAPHIC SPACE")), one
        else:
            taken = inspect(one, repertoire) == []
            assert taken is EXPECTED[repertoire](one, jis_row(one)), one


@pytest.mark.parametrize("repertoire", REPERTOIRES)
def test_every_other_code_point_is_refused_but_for_those_that_look_the_same(
    repertoire: Repertoire,
) -> None:
    others = [one for one in MET if one not in TAKEN]
    look_the_same = {one for one in others if folded(one, repertoire)}
    passed = [one for one in others if one not in look_the_same and not inspect(one, repertoire)]
    assert passed == []
    narrow = {chr(code) for code in (*range(0x20, 0x7F), *range(0xFF61, 0xFFA0))}
    rare_hiragana = "ゔゕゖ" if repertoire is Repertoire.KANA else ""
    assert look_the_same - narrow == {*FOLDED_TWINS, *"\t\n\r\u00a0", *rare_hiragana}


def test_what_is_refused_is_classed_as_unicode_classes_it(reasons: dict[str, Reason]) -> None:
    direction, control = matching("Bidi_Control"), matching("Cc")
    unseen = matching("Default_Ignorable_Code_Point", "Z", "Cf") - direction - control
    radicals = matching("Block=CJK_Radicals_Supplement", "Block=Kangxi_Radicals")
    assert only(reasons, Reason.DIRECTION) == direction & reasons.keys()
    assert only(reasons, Reason.CONTROL) == control & reasons.keys()
    assert only(reasons, Reason.INVISIBLE) == (unseen | {"\u2800"}) & reasons.keys()
    assert only(reasons, Reason.COMBINING) == (matching("M") - unseen) & reasons.keys()
    assert only(reasons, Reason.RADICAL) == radicals & reasons.keys()


def test_every_emoji_is_told_as_one_and_nothing_but_pictures_is(reasons: dict[str, Reason]) -> None:
    told = only(reasons, Reason.EMOJI)
    assert matching("Emoji_Presentation") & reasons.keys() <= told
    assert told <= matching("So", "Emoji", "Extended_Pictographic")


def test_letters_are_foreign_unless_they_are_kanji_or_kana(reasons: dict[str, Reason]) -> None:
    japanese = matching("scx=Han", "scx=Hiragana", "scx=Katakana")
    letters = matching("L") - matching("Default_Ignorable_Code_Point")
    assert only(reasons, Reason.FOREIGN) == (letters - japanese) & reasons.keys()
    assert letters & japanese & reasons.keys() <= only(reasons, Reason.MACHINE_DEPENDENT)


def test_what_is_left_over_is_machine_dependent(reasons: dict[str, Reason]) -> None:
    left_over = only(reasons, Reason.MACHINE_DEPENDENT)
    assert left_over <= matching("L", "N", "P", "S")
    assert not only(reasons, Reason.NOT_IN_FIELD, Reason.VARIANT, Reason.BROKEN, Reason.UNKNOWN)


def test_private_use_and_half_pairs_are_classed_by_their_ranges() -> None:
    private = [one for one in EVERY if unicodedata.category(one) == "Co"]
    assert len(private) == 6400 + 2 * 65534
    for one in private[:: len(private) // 500]:
        assert inspect(one, Repertoire.NAME)[0].reason is Reason.PRIVATE_USE
    halves = [chr(code) for code in range(0xD800, 0xE000)]
    assert {inspect(one, Repertoire.NAME)[0].reason for one in halves} == {Reason.BROKEN}


@pytest.mark.parametrize("name", ["family_name", "family_name_kana", "street"])
def test_every_proposal_passes_the_check_of_its_field(name: str) -> None:
    (field,) = (one for one in FIELDS if one.name == name and one.kind is Kind.TEXT)
    for one in MET:
        offered = None if one in TAKEN else propose(one, field.repertoire)
        if offered is not None:
            assert check(field, offered).value == offered, one


def test_what_has_no_shape_is_offered_nothing(reasons: dict[str, Reason]) -> None:
    for one in only(reasons, *SHAPELESS):
        assert inspect(one, Repertoire.ADDRESS)[0].proposal is None, one


def test_all_105_kanji_for_names_outside_the_set_are_offered_one_in_it() -> None:
    every = NAME_KANJI + "".join(chr(int(code, 16)) for code in COMPATIBILITY_KANJI.split())
    assert len(set(every)) == 105
    for one in every:
        offered = propose(one, Repertoire.NAME)
        assert offered is not None, one
        assert in_jis_x_0208(offered), one


def test_no_kanji_of_the_set_is_ever_offered_another() -> None:
    """濱 never becomes 浜: what the register may hold is not improved upon."""
    kanji = [one for one in ACCEPTED if jis_row(one) >= 16]
    assert len(kanji) == 2965 + 3390
    assert [one for one in kanji if propose(one, Repertoire.NAME) or substitute(one)] == []
