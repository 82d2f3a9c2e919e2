"""How the office's runbook is read as a play (tests/office/runbook.py)."""

import pytest

from tests.office.runbook import NotAPlay, Played, Seen, Typed, missing, parts

PAGE = """
Words before.

```sh
# 名簿を確認する
./portal-ops --stage production members import \\
  '会員 1.csv'
```
表示:
```text
3 件  新規

確認のみ…
```
<!-- play: somebody pays -->
"""


def test_commands_what_is_seen_and_what_others_do_come_in_their_order() -> None:
    assert list(parts(PAGE)) == [
        Typed(("members", "import", "会員 1.csv")),
        Seen(("3 件  新規", "確認のみ…")),
        Played("somebody pays"),
    ]


@pytest.mark.parametrize("line", ["rm -rf /", "./portal-ops --stage staging report"])
def test_anything_but_the_offices_commands_is_no_play(line: str) -> None:
    with pytest.raises(NotAPlay):
        list(parts(f"```sh\n{line}\n```"))


@pytest.mark.parametrize(
    ("wanted", "shown", "first_missing"),
    [
        (("a", "b"), "a\nb", ""),
        (("b", "a"), "a\nb", "a"),
        (("3 件  新規",), "       3 件     新規", ""),
        (("合計 … 円",), "合計 12,000 円 です", ""),
        (("a", "a"), "a", "a"),
        (("a.c",), "abc", "a.c"),
    ],
)
def test_what_is_seen_is_looked_for_line_by_line(
    wanted: tuple[str, ...], shown: str, first_missing: str
) -> None:
    assert missing(Seen(wanted), shown) == first_missing
