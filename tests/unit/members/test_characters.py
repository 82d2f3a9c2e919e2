"""The characters of the record: JIS X 0208, told apart by the two-byte EUC rule."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.members.characters import Repertoire, inspect, normalise, propose
from portal.members.jisx0208 import in_jis_x_0208
from portal.members.reasons import Reason
from portal.members.replacements import KANA_LOOKALIKES

NAME, KANA, ADDRESS = Repertoire.NAME, Repertoire.KANA, Repertoire.ADDRESS
EVERY_CODE_POINT = range(sys.maxunicode + 1)

# Random text finds few of the interesting characters; these make collisions likely.
TRICKY = "髙﨑𠮷𣘺①㈱Ⅲ㎡⾼⻑ｶﾞﾞﾟ\u3099\u309aかハウ～－—¥‾ \u3000\t-\ufe00\U000e0100\u200d😀é한山々ー"
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(TRICKY), st.characters()), max_size=30)
REPERTOIRES = st.sampled_from([NAME, KANA, ADDRESS])


def refused(text: str, repertoire: Repertoire = NAME) -> list[tuple[int, str, Reason, str | None]]:
    found = inspect(normalise(text, repertoire), repertoire)
    return [(one.place, one.text, one.reason, one.proposal) for one in found]


def proposed(text: str, repertoire: Repertoire = NAME) -> str | None:
    return propose(normalise(text, repertoire), repertoire)


def test_exactly_the_6879_characters_of_jis_x_0208_are_in_the_set() -> None:
    assert sum(in_jis_x_0208(chr(code)) for code in EVERY_CODE_POINT) == 6879


def test_an_address_takes_all_of_jis_x_0208_but_box_drawing() -> None:
    box_drawing = {chr(code) for code in range(0x2500, 0x2580)}
    every = [chr(code) for code in EVERY_CODE_POINT if in_jis_x_0208(chr(code))]
    not_taken = {one for one in every if inspect(one, ADDRESS)}
    assert len(not_taken) == 32
    assert not_taken <= box_drawing


def test_a_name_takes_every_kanji() -> None:
    """Levels 1 and 2, and 仝, which stands among the marks of row 1."""
    kanji = [chr(c) for c in range(0x4E00, 0xA000) if in_jis_x_0208(chr(c))]
    assert len(kanji) == 2965 + 3390 + 1
    assert inspect("".join(kanji), NAME) == []


@pytest.mark.parametrize("name", ["濱邉齋", "渡邊々〆〇", "ヶ谷", "ジョン・スミス", "Ａｂ", "凜"])
def test_accepted_old_forms_are_never_modernised(name: str) -> None:
    assert normalise(name, NAME) == name
    assert inspect(name, NAME) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("髙", "高"), ("﨑", "崎"), ("德", "徳"), ("濵", "濱"), ("瀨", "瀬"), ("靑", "青"),
        ("黑", "黒"), ("閒", "間"), ("曻", "昇"), ("昻", "昂"), ("栁", "柳"), ("桒", "桑"),
        ("郞", "郎"), ("𠮷", "吉"), ("𣘺", "橋"), ("槗", "橋"), ("吳", "呉"), ("塡", "填"),
        ("頰", "頬"), ("𠮟", "叱"),
    ],
)  # fmt: skip
def test_the_machine_dependent_characters_of_names_are_offered_a_substitute(
    typed: str, offered: str
) -> None:
    assert refused(typed) == [(1, typed, Reason.MACHINE_DEPENDENT, offered)]


def test_each_refused_character_is_named_with_its_place() -> None:
    assert refused("山﨑髙") == [
        (2, "﨑", Reason.MACHINE_DEPENDENT, "崎"),
        (3, "髙", Reason.MACHINE_DEPENDENT, "高"),
    ]
    assert proposed("山﨑髙") == "山崎高"


@pytest.mark.parametrize(
    ("typed", "reason", "offered"),
    [
        ("葛\U000e0100", Reason.VARIANT, "葛"),
        ("神\ufe00", Reason.VARIANT, "神"),
        ("\ufa19", Reason.MACHINE_DEPENDENT, "神"),
        ("⾼", Reason.RADICAL, "高"),
        ("⻑", Reason.RADICAL, "長"),
        ("彅", Reason.MACHINE_DEPENDENT, None),
        ("张", Reason.MACHINE_DEPENDENT, None),
        ("한", Reason.FOREIGN, None),
        ("\ue000", Reason.PRIVATE_USE, None),
        ("😀", Reason.EMOJI, None),
        ("👨\u200d👩\u200d👧", Reason.EMOJI, None),
        ("☀\ufe0f", Reason.EMOJI, None),
        ("\x07", Reason.CONTROL, None),
        ("\u200b", Reason.INVISIBLE, None),
        ("\u202e", Reason.DIRECTION, None),
        ("\ud83d", Reason.BROKEN, None),
        ("山\u0301", Reason.COMBINING, None),
        ("＜", Reason.NOT_IN_FIELD, None),
        ("①", Reason.MACHINE_DEPENDENT, None),
    ],
)
def test_a_refused_character_is_classified(typed: str, reason: Reason, offered: str | None) -> None:
    assert refused(f"山{typed}") == [(2, typed, reason, offered)] or refused(typed) == [
        (1, typed, reason, offered)
    ]


def test_a_character_with_its_marks_counts_as_one_place() -> None:
    assert [place for place, *_ in refused("葛\U000e0100城﨑")] == [1, 3]


@pytest.mark.parametrize(
    ("typed", "offered"), [("①", "１"), ("㈱", "（株）"), ("Ⅲ", "ＩＩＩ"), ("㎡", "ｍ２")]
)
def test_symbols_of_nec_row_13_are_offered_in_plain_characters(typed: str, offered: str) -> None:
    assert proposed(typed, ADDRESS) == offered


def test_no_correction_is_offered_when_one_character_has_none() -> None:
    assert proposed("髙彅") is None


def test_windows_spellings_of_the_same_jis_code_are_not_refused() -> None:
    assert normalise("～－∥￠￡￢", ADDRESS) == "〜−‖¢£¬"
    assert inspect("〜−‖¢£¬", ADDRESS) == []


def test_half_width_and_split_kana_are_folded() -> None:
    assert normalise("ｶﾞｷﾞ", KANA) == "ガギ"
    assert normalise("か\u3099", NAME) == "が"
    assert normalise("か\uff9e", NAME) == "が"


def test_folding_never_rewrites_a_compatibility_ideograph() -> None:
    assert normalise("\ufa19ｶ", NAME) == "\ufa19カ"


def test_hiragana_become_katakana_in_a_reading() -> None:
    assert normalise("やまだ", KANA) == "ヤマダ"
    assert normalise("やまだ", NAME) == "やまだ"


def test_letters_digits_and_spaces_take_the_width_of_the_record() -> None:
    assert normalise("ABC 1-2'", ADDRESS) == "ＡＢＣ　１−２’"


def test_edges_are_trimmed() -> None:
    assert normalise(" \u3000山田\t\r\n", NAME) == "山田"


def test_a_name_may_hold_one_space_and_a_second_one_is_offered_away() -> None:
    assert refused("ジョン スミス") == []
    assert refused("Ａ Ｂ Ｃ") == [(4, "\u3000", Reason.SECOND_SPACE, "")]
    assert proposed("Ａ Ｂ Ｃ") == "Ａ\u3000ＢＣ"


def test_a_reading_is_offered_the_long_vowel_mark_for_a_hyphen() -> None:
    assert proposed("ロ-ザ", KANA) == "ローザ"


@pytest.mark.parametrize("text", ["山田", "1丁目", "A"])
def test_a_reading_takes_neither_kanji_nor_digits_nor_letters(text: str) -> None:
    assert {one[2] for one in refused(text, KANA)} == {Reason.NOT_IN_FIELD}


def test_a_slip_of_the_eye_in_a_reading_is_offered_a_kana() -> None:
    assert not [c for c in KANA_LOOKALIKES.values() if inspect(c, KANA)]


@given(TEXTS, REPERTOIRES)
@settings(max_examples=300)
def test_normalising_twice_changes_nothing_more(text: str, repertoire: Repertoire) -> None:
    once = normalise(text, repertoire)
    assert normalise(once, repertoire) == once


@given(TEXTS, REPERTOIRES)
@settings(max_examples=300)
def test_every_proposal_passes_the_check(text: str, repertoire: Repertoire) -> None:
    offered = proposed(text, repertoire)
    if offered is not None:
        assert inspect(offered, repertoire) == []
        assert normalise(offered, repertoire) == offered


@given(TEXTS, REPERTOIRES)
@settings(max_examples=300)
def test_what_passes_lies_inside_jis_x_0208(text: str, repertoire: Repertoire) -> None:
    clean = normalise(text, repertoire)
    if not inspect(clean, repertoire):
        assert all(map(in_jis_x_0208, clean))


def test_every_single_proposal_of_the_basic_plane_passes_the_check() -> None:
    for code in range(0x80, 0x30000):
        offered = propose(chr(code), ADDRESS) if not in_jis_x_0208(chr(code)) else None
        if offered is not None:
            assert inspect(offered, ADDRESS) == []
