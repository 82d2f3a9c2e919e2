"""The office with a file of members, over the portal in memory."""

import csv
import json
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from ops.cli import main
from ops.desk import Desk
from ops.output import Output
from portal.accounts.hashing import Hasher
from portal.billing.issue_invoice import Dues, issue_invoice
from portal.billing.model import Invoice
from portal.config import load_society
from portal.database import Item
from portal.members import store
from portal.members.model import Member
from portal.members.save_profile import Saved, save_profile
from tests.unit.accounts.desk import MEMBER_ID, NUMBER, Portal
from tests.unit.members.desk import TABLES, TEXTS, a_member
from tests.unit.ops.rights import under_role
from tests.unit.ops.sweeping import sweep

LABELS = {
    "member_no": "会員番号",
    "family_name": "姓",
    "given_name": "名",
    "family_name_kana": "セイ",
    "given_name_kana": "メイ",
    "postal_code": "郵便番号",
    "prefecture": "都道府県",
    "city": "市区町村",
    "street": "町名・番地",
    "building": "建物名",
    "phone": "電話番号",
    "mobile": "携帯電話番号",
    "email": "メールアドレス",
    "workplace": "勤務先",
    "department": "所属部署",
}
SIGNED = ("--by", "山田", "--reason", "名簿の更新")
NEW = "020002"
THERE = {"member_no": NUMBER, **TEXTS}
"""The row of the member who is there already."""


def a_row(number: str = NEW, **changes: str) -> dict[str, str]:
    """Return the texts of one row, with a mail address of its own."""
    address = f"m{''.join(filter(str.isascii, filter(str.isalnum, number)))}@example.jp"
    return {"member_no": number, **TEXTS, "email": address, **changes}


def as_csv(*rows: dict[str, str], encoding: str = "utf-8-sig") -> bytes:
    """Return a file of *rows*, whose columns are those of the first."""
    text = StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow([LABELS.get(name, name) for name in rows[0]])
    sheet.writerows([list(row.values()) for row in rows])
    return text.getvalue().encode(encoding)


class Office:
    """An office worker. The member ``001234`` is there already. ``said`` has what was printed."""

    def __init__(self, folder: Path) -> None:
        self.portal = Portal()
        self.database = self.portal.database
        self.database.commit(store.new(TABLES.members, a_member()))
        self.database.calls.clear()
        self.folder = folder
        self.file = folder / "会員.csv"
        self.said: list[str] = []
        self.pauses: list[float] = []
        self.hashed = 0
        self.desk = Desk(
            self.database,
            TABLES,
            load_society(),
            self.portal.clock,
            Output(self.said.append),
            scan=self._scan,
            sweep=partial(sweep, self.database),
            hasher=self._hasher,
            pause=self.pauses.append,
        )

    def types(self, *arguments: str) -> int:
        """Type a command and return its exit status."""
        self.said.clear()
        return main(
            ["--stage", "production", "members", *arguments],
            lambda _, out: replace(under_role(self.desk, ("members", *arguments)), out=out),
            lambda: self.desk.out,
        )

    def data(self, *arguments: str) -> dict[str, Any]:
        """Type a command as a program does and return the facts of its answer."""
        self.said.clear()
        with redirect_stdout(StringIO()) as written:
            main(
                ["--stage", "production", "--json", "members", *arguments],
                lambda _, out: replace(under_role(self.desk, ("members", *arguments)), out=out),
            )
        facts: dict[str, Any] = json.loads(written.getvalue())["data"]
        return facts

    def imports(self, *rows: dict[str, str], words: Sequence[str] = ()) -> int:
        """Write the rows into the file and import it."""
        self.file.write_bytes(as_csv(*rows))
        return self.types("import", str(self.file), "--yes", *SIGNED, *words)

    def looks(self, content: bytes) -> int:
        """Write the file and say what an import would do."""
        self.file.write_bytes(content)
        return self.types("import", str(self.file))

    def exports(self, name: str = "書き出し.csv") -> Path:
        """Export all members and return the file."""
        path = self.folder / name
        assert self.types("export", str(path), *SIGNED) == 0, self.text
        return path

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(self.said)

    def bills(self, year: int, member_id: str = MEMBER_ID, number: str = NUMBER) -> Invoice:
        """Bill a member a year's dues."""
        dues = Dues(year, f"{year}年度 年会費", 12_000, date(year, 6, 30), date(year + 1, 3, 31))
        invoice = issue_invoice(
            self.database,
            self.desk.store,
            TABLES.audit,
            member_id=member_id,
            member_no=number,
            dues=dues,
            actor="office:山田",
            now=self.portal.clock(),
        )
        assert invoice is not None
        return invoice

    def stored(self) -> str:
        """Return all rows of all tables as one text."""
        return repr({name: rows for name, rows in self.database.tables.items() if rows})

    def member(self, number: str = NUMBER) -> Member:
        """Return the member of a number as stored."""
        (row,) = [one for one in self.members() if one["member_no"] == number]
        return store.parse(row)

    def members(self) -> list[Item]:
        """Return all members' rows."""
        return self.database.rows(TABLES.members, "PROFILE")

    def audited(self) -> list[Item]:
        """Return the entries of the audit."""
        return self.database.rows(TABLES.audit)

    def changes(self, member_id: str = MEMBER_ID) -> list[Item]:
        """Return the rows of a member's history."""
        rows = self.database.rows(TABLES.members, "CHANGE#")
        return [row for row in rows if row["pk"] == member_id]

    def errors(self, path: Path | None = None) -> list[list[str]]:
        """Return the rows of the error file."""
        path = path or self.file.with_name("会員_エラー.csv")
        return list(csv.reader(StringIO(path.read_text(encoding="utf-8-sig"), newline="")))

    def _scan(self, table: str, key: str, begin: str) -> list[Item]:
        rows = self.database.rows(table)
        return [row for row in rows if str(row[key]).startswith(begin)]

    def _hasher(self) -> Hasher:
        self.hashed += 1
        return self.portal.hasher


def saves(office: Office, **changes: str) -> None:
    """Let the member save changes, a minute later."""
    office.portal.clock.tick(minutes=1)
    member = office.member()
    outcome = save_profile(
        office.database,
        TABLES,
        current=member,
        wanted=replace(member.record, **changes),
        based_on=member.version,
        now=office.portal.clock(),
        source="",
    )
    assert isinstance(outcome, Saved)
