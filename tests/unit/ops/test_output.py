"""How tables are drawn on a person's screen, wide or narrow."""

from io import StringIO

from rich.cells import cell_len

from ops.output import Column, Output

COLUMNS = (
    Column("no", "会員番号"),
    Column("name", "氏名"),
    Column("why", "理由"),
    Column("yen", "円"),
)
ROW = ("000101", "佐藤 花子", "被災による免除を理事会で決めたため" * 2, 12_000)


def drawn(width: int, row: tuple[str | int, ...] = ROW) -> list[str]:
    screen = StringIO()
    Output(screen=screen, width=width).table("x", COLUMNS, [row])
    return screen.getvalue().splitlines()


def test_on_a_wide_screen_a_row_is_a_line() -> None:
    assert [len(line.split()) for line in drawn(200)] == [4, 5]


def test_where_there_is_not_room_for_all_one_column_alone_is_folded() -> None:
    lines = drawn(70)
    assert max(map(cell_len, lines)) <= 70
    assert all(whole in "\n".join(lines) for whole in ("000101", "佐藤 花子", "12,000"))
    assert len(lines) > 2


def test_on_a_narrow_screen_each_row_is_a_list_without_what_is_empty() -> None:
    assert drawn(30, ("000101", "佐藤 花子", "", 12_000)) == [
        "000101",
        "  氏名      佐藤 花子",
        "  円        12,000",
    ]


def test_what_names_a_row_is_never_cut() -> None:
    ident = "surplus#D26-0123456789ABCDEF-0123456789ABCDEF"
    assert ident in "\n".join(drawn(60, (ident, "佐藤 花子", "被災", 12_000)))
