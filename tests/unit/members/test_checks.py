"""One field's check: the value to keep, or an explained problem with a correction to offer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.members.checks import check
from portal.members.email_address import LEGACY_WARNING
from portal.members.fields import BY_NAME, FIELDS, GROUPS, NAMES, PREFECTURES, Kind
from tests.unit.members.desk import TEXTS


def value(name: str, typed: str) -> str:
    checked = check(BY_NAME[name], typed)
    assert checked.problem is None, checked.problem
    return checked.value


def problem(name: str, typed: str) -> tuple[str, str | None]:
    found = check(BY_NAME[name], typed).problem
    assert found is not None
    return "".join(found.messages), found.proposal


def test_the_table_has_exactly_the_fields_of_the_page() -> None:
    assert [(field.name, field.label, field.required) for field in FIELDS] == [
        ("family_name", "姓", True),
        ("given_name", "名", True),
        ("family_name_kana", "セイ", True),
        ("given_name_kana", "メイ", True),
        ("postal_code", "郵便番号", True),
        ("prefecture", "都道府県", True),
        ("city", "市区町村", True),
        ("street", "町名・番地", True),
        ("building", "建物名", False),
        ("phone", "電話番号", True),
        ("mobile", "携帯電話番号", False),
        ("email", "メールアドレス", True),
        ("workplace", "勤務先", False),
        ("department", "所属部署", False),
    ]


def test_every_field_stands_in_one_group_of_the_page() -> None:
    assert tuple(name for _, names in GROUPS for name in names) == NAMES


def test_there_are_47_prefectures() -> None:
    assert len(set(PREFECTURES)) == 47


@pytest.mark.parametrize("name", NAMES)
def test_a_good_text_is_kept_as_it_is(name: str) -> None:
    assert value(name, TEXTS[name]) == TEXTS[name]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("typed", ["", " ", "\u3000"])
def test_an_empty_field_is_refused_only_when_it_is_required(field, typed) -> None:  # type: ignore[no-untyped-def]
    checked = check(field, typed)
    assert (checked.problem is not None) is field.required
    assert checked.value == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [300, 70_000])
def test_a_text_that_is_too_long_is_refused(name: str, length: int) -> None:
    message, proposal = problem(name, "ア" * length)
    assert BY_NAME[name].label in message
    assert proposal is None


@pytest.mark.parametrize("name", [f.name for f in FIELDS if f.kind is Kind.TEXT])
def test_the_longest_text_is_taken_and_one_more_is_not(name: str) -> None:
    longest = BY_NAME[name].max_length
    assert value(name, "ア" * longest) == "ア" * longest
    assert f"{longest}文字以内" in problem(name, "ア" * (longest + 1))[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "typed", ["😀", "a\x07b", "\u202e", "<script>alert(1)</script>\x00", "\ud800"]
)
def test_emoji_and_control_characters_are_refused_in_every_field(name: str, typed: str) -> None:
    assert problem(name, typed)[0]


@given(st.sampled_from(FIELDS), st.text(max_size=80))
def test_every_correction_on_offer_passes_the_same_check(field, typed) -> None:  # type: ignore[no-untyped-def]
    found = check(field, typed).problem
    if found is not None and found.proposal is not None:
        assert check(field, found.proposal).problem is None


@given(st.sampled_from(FIELDS), st.text(max_size=80))
def test_a_value_that_was_kept_is_kept_again_unchanged(field, typed) -> None:  # type: ignore[no-untyped-def]
    once = check(field, typed)
    if once.problem is None:
        assert check(field, once.value).value == once.value


def test_a_refused_character_is_explained_with_place_and_substitute() -> None:
    message, proposal = problem("family_name", "山﨑")
    assert message == (
        "姓の2文字目の「﨑」（U+FA11）は機種依存文字のため使えません。代わりに「崎」をお使いください。"
    )
    assert proposal == "山崎"


def test_a_character_without_substitute_leads_to_kana_or_the_office() -> None:
    message, proposal = problem("family_name", "草彅")
    assert "代わりの文字が見つかりません。ひらがな・カタカナで入力するか、事務局へ" in message
    assert proposal is None


def test_a_control_character_is_named_by_code_and_never_shown() -> None:
    message, _ = problem("city", "中野\x07区")
    assert "3文字目" in message
    assert "U+0007" in message
    assert "\x07" not in message


def test_many_refused_characters_are_summed_up() -> None:
    assert "ほかにも使えない文字が3文字あります。" in problem("city", "😀" * 8)[0]


def test_a_correction_that_would_grow_too_long_is_not_offered() -> None:
    assert problem("building", "㈱" * 40)[1] is None


@pytest.mark.parametrize("typed", ["164-0001", "〒164-0001", "１６４−０００１", " 1640001 "])
def test_a_postcode_is_taken_with_and_without_hyphen_and_full_width(typed: str) -> None:
    assert value("postal_code", typed) == "1640001"


@pytest.mark.parametrize("typed", ["164000", "16400011", "abcdefg", "164_0001"])
def test_another_postcode_is_refused(typed: str) -> None:
    assert "7桁" in problem("postal_code", typed)[0]


@pytest.mark.parametrize("typed", ["東京", "Tokyo", "東京都　"[:-1] + "x"])
def test_a_prefecture_outside_the_list_is_refused(typed: str) -> None:
    assert "一覧" in problem("prefecture", typed)[0]


@pytest.mark.parametrize("name", ["phone", "mobile"])
@pytest.mark.parametrize("typed", ["0312345678", "０９０１２３４５６７８"])
def test_a_number_of_digits_is_kept_with_its_leading_zero(name: str, typed: str) -> None:
    assert value(name, typed).startswith("0")


@pytest.mark.parametrize("name", ["phone", "mobile"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("03-1234-5678", "0312345678"),
        ("03(1234)5678", "0312345678"),
        ("０３−１２３４−５６７８", "0312345678"),
        ("090ー1234ー5678", "09012345678"),
        ("+81-90-1234-5678", "09012345678"),
        ("+81 (0)3 1234 5678", "0312345678"),
    ],
)
def test_a_number_with_hyphens_is_refused_and_the_digits_are_offered(
    name: str, typed: str, offered: str
) -> None:
    message, proposal = problem(name, typed)
    assert "ハイフン(-)無しの数字のみ" in message
    assert proposal == offered


@pytest.mark.parametrize("typed", ["312345678", "031234567", "031234567890", "電話", "03-12"])
def test_a_number_that_cannot_be_one_is_refused_without_a_guess(typed: str) -> None:
    assert problem("phone", typed)[1] is None


@pytest.mark.parametrize(
    "typed",
    ["a@example.jp", "a.b+c@sub.example.co.jp", "A_b-9@xn--wgv71a.jp", "o'neil@example.com"],
)
def test_a_plain_address_is_kept_as_typed(typed: str) -> None:
    assert value("email", f" {typed} ") == typed


def test_full_width_letters_of_an_address_are_folded() -> None:
    assert value("email", "ｔａｒｏ＠example.jp") == "taro@example.jp"


@pytest.mark.parametrize(
    "typed",
    [
        "taro", "@example.jp", "taro@", "taro@example", "a@b@example.jp", "a..b@example.jp",
        ".a@example.jp", "a.@example.jp", "a b@example.jp", "山田@example.jp", "a@例え.jp",
        "a@-example.jp", "a@example-.jp", "a@exa_mple.jp", "a@example..jp", "a@example.jp.",
        "a@[192.0.2.1]", "a@192.0.2.1", '"a b"@example.jp', "a@example.jp\r\nBcc: b@example.jp",
        "<a@example.jp>", "a@example.jp,b@example.jp", f"{'a' * 65}@example.jp",
        f"a@{'b' * 64}.jp", f"a@{'b.' * 130}jp",
    ],
)  # fmt: skip
def test_another_address_is_refused(typed: str) -> None:
    assert "メールアドレス" in problem("email", typed)[0]


@pytest.mark.parametrize("typed", ["a..b@docomo.ne.jp", ".a@docomo.ne.jp", "a.@ezweb.ne.jp"])
def test_an_old_carrier_address_is_taken_with_a_warning(typed: str) -> None:
    checked = check(BY_NAME["email"], typed)
    assert (checked.value, checked.warning) == (typed, LEGACY_WARNING)


def test_an_ordinary_carrier_address_has_no_warning() -> None:
    assert check(BY_NAME["email"], "a.b@docomo.ne.jp").warning == ""
