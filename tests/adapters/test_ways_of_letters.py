"""Letters with initial passwords, issued on DynamoDB itself and over its real scans."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from ops.desk import Desk, Signature
from ops.exits import Status
from ops.letters.letter import Letter
from ops.output import Output
from ops.passwords.issue import Request, issued
from ops.scan import rows_of
from portal.accounts.model import first_credential
from portal.accounts.no_password import no_password
from portal.accounts.sign_in import Refused, SignedIn
from portal.config import load_society
from portal.members import store
from tests.adapters.house import TABLES, Dynamo
from tests.adapters.test_ways_of_members import INITIAL, NUMBER, Accounts
from tests.unit.members.desk import a_member

BY = Signature("山田", "発送")
NEW = ("020001", "020002", "020003")


class PlainPrinter:
    """Prints letters as JSON; typst is none of DynamoDB's business."""

    def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
        """Return the letters' numbers and passwords."""
        assert mark
        assert at.tzinfo is not None
        return json.dumps({one.member_no: one.password for one in letters}).encode()


def test_all_who_have_none_get_one_and_a_second_run_has_nothing_to_do(
    aws: Dynamo, tmp_path: Path
) -> None:
    accounts = Accounts(aws)
    accounts.enrol()
    aws.database.commit(store.new(TABLES.members, a_member()))
    nothing = no_password(accounts.hasher, accounts.clock())
    for number in NEW:
        member_id = f"{number}{'0' * 20}"
        aws.database.commit(
            accounts.credentials.create(
                first_credential(number, member_id, nothing, accounts.policy)
            ),
            store.new(TABLES.members, replace(a_member(), member_id=member_id, member_no=number)),
        )
    said: list[str] = []
    desk = Desk(
        aws.database,
        TABLES,
        load_society(),
        accounts.clock,
        Output(said.append),
        sweep=partial(rows_of, client=aws.client),
        hasher=lambda: accounts.hasher,
    )
    run = partial(issued, Request(tmp_path / "手紙", at_once=2), BY, desk, yes=True)

    assert run(printer=PlainPrinter()) is Status.DONE, said
    files = sorted((tmp_path / "手紙").iterdir())
    letters = [pair for file in files for pair in json.loads(file.read_bytes()).items()]
    assert [number for number, _ in letters] == list(NEW)
    for number, password in letters:
        credential = accounts.credentials.find(number)
        assert credential is not None
        assert accounts.hasher.verify(password, credential.password)
    assert isinstance(accounts.attempt(INITIAL), SignedIn)

    said.clear()
    assert run(printer=PlainPrinter()) is Status.DONE
    assert "新しく発行する人はいません。何も書き込んでいません。" in said
    again = replace(Request(tmp_path / "手紙"), numbers=(NUMBER,))
    assert issued(again, BY, desk, yes=True, printer=PlainPrinter()) is Status.DONE
    assert accounts.attempt(INITIAL) == Refused()
    assert accounts.sessions.all(a_member().member_id, accounts.clock()) == []
