"""A file of invented members, as an office would bring it out of Excel."""

import csv
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    "会員番号", "姓", "名", "セイ", "メイ", "郵便番号", "都道府県", "市区町村", "町名・番地",
    "電話番号", "メールアドレス", "勤務先",
)  # fmt: skip

FAMILIES = (("佐藤", "サトウ"), ("鈴木", "スズキ"), ("高橋", "タカハシ"), ("田中", "タナカ"))
GIVEN = (
    ("花子", "ハナコ"),
    ("太郎", "タロウ"),
    ("美咲", "ミサキ"),
    ("翔", "ショウ"),
    ("葵", "アオイ"),
)


def number(serial: int) -> str:
    """Return a member number with leading zeros, none of those that the runbook's year uses."""
    return f"05{serial:06d}"


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Yield so many members, the same ones each time."""
    for serial in range(1, count + 1):
        (family, family_kana), (given, given_kana) = (
            FAMILIES[serial % len(FAMILIES)],
            GIVEN[serial % len(GIVEN)],
        )
        yield (
            number(serial), family, given, family_kana, given_kana, "1000001", "東京都", "千代田区",
            f"千代田{serial % 30 + 1}-{serial % 9 + 1}", f"03{serial:08d}", f"m{serial}@example.jp",
            "架空病院",
        )  # fmt: skip


def write(path: Path, count: int) -> None:
    """Write a file of so many members."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(HEADER)
        sheet.writerows(rows(count))
