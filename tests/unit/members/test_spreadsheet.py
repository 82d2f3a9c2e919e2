"""Texts in Excel's hands: kept as they are, and what was spoilt is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.members.fields import Kind
from portal.members.spreadsheet import bare, damage, protected

TROUBLE = st.text(st.sampled_from("=+-@'\"\t\r\n＝＋－＠0１/:年月日E.あA"))


@given(st.one_of(st.text(), TROUBLE))
def test_a_protected_text_is_read_back(text: str) -> None:
    assert bare(protected(text)) == text


@given(st.one_of(st.text(), TROUBLE))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert not protected(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))


@pytest.mark.parametrize(
    "text",
    [
        "001234",
        "1640001",
        "09012345678",
        "１２３",
        "1-2",
        "１－２",
        "１−２−３",
        "2026/1/2",
        "1月2日",
        "1e5",
        "10:30",
        "1,000",
        "50%",
        "=1+1",
        "@SUM(1)",
        "-x",
        "+x",
        "\t=1",
        "'x",
        "＝１＋１",
    ],
)
def test_what_excel_would_change_is_kept_as_a_text(text: str) -> None:
    assert protected(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "山田", "中野１−２−３", "hanako@example.jp", "コーポ２０１"])
def test_other_texts_stay_plain(text: str) -> None:
    assert protected(text) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="001234"', "001234"),
        ("001234", "001234"),
        ("'001234", "001234"),
        ('="a""b"', 'a"b'),
        ("=1+1", "=1+1"),
        ('="a"&"b"', '="a"&"b"'),
    ],
)
def test_the_ways_to_write_a_text_for_excel_are_read(cell: str, text: str) -> None:
    assert bare(cell) == text


ALL = tuple(Kind)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("1.23E+08", ALL),
        ("1.23457E+08", ALL),
        ("9.01235e+10", ALL),
        ("１．２３Ｅ＋０８", ALL),
        ("1E+05", ALL),
        ("########", ALL),
        ("#NAME?", ALL),
        ("#REF!", ALL),
        ("#N/A", ALL),
        ("2026/1/2", (Kind.TEXT, Kind.PREFECTURE, Kind.PHONE)),
        ("2026-01-02", (Kind.TEXT,)),
        ("2026/1/2 0:00", (Kind.TEXT,)),
        ("1/2", (Kind.TEXT,)),
        ("1月2日", (Kind.TEXT,)),
        ("2026年1月2日", (Kind.TEXT,)),
        ("2-Jan", (Kind.TEXT,)),
        ("Jan-02", (Kind.TEXT,)),
        ("9012345678", (Kind.PHONE,)),
        ("312345678", (Kind.PHONE,)),
        ("600001", (Kind.POSTAL_CODE,)),
        ("10001", (Kind.POSTAL_CODE,)),
    ],
)
def test_excels_damage_is_seen(text: str, kinds: tuple[Kind, ...]) -> None:
    for kind in kinds:
        assert text in damage(kind, text) or "先頭の 0" in damage(kind, text), kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.TEXT, "中野１−２−３"),
        (Kind.TEXT, "1-2-3"),
        (Kind.TEXT, "１丁目２番３号"),
        (Kind.TEXT, "3E12"),
        (Kind.TEXT, "#"),
        (Kind.TEXT, ""),
        (Kind.PHONE, "0312345678"),
        (Kind.PHONE, "09012345678"),
        (Kind.PHONE, "03-1234-5678"),
        (Kind.PHONE, ""),
        (Kind.POSTAL_CODE, "1640001"),
        (Kind.POSTAL_CODE, "060-0001"),
        (Kind.EMAIL, "1e+05@example.jp"),
    ],
)
def test_what_is_right_is_not_called_damage(kind: Kind, text: str) -> None:
    assert damage(kind, text) == ""


@pytest.mark.parametrize(
    ("kind", "text", "offer"),
    [(Kind.PHONE, "9012345678", "09012345678"), (Kind.POSTAL_CODE, "10001", "0010001")],
)
def test_a_lost_zero_is_offered_back_and_not_put_back(kind: Kind, text: str, offer: str) -> None:
    assert f"候補: {offer}" in damage(kind, text)
