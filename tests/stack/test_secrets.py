"""M54: nothing secret and nothing personal stands in a log, no password and token in a table of
evidence. Runs after all other tests of this folder, so that it reads what all of them caused."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from local.demo_people import people
from portal.web.gate import ASKED, FORM_KEPT, NOTHING_KEPT
from tests.stack.backstage import Backstage
from tests.stack.client import COOKIES_SEEN
from tests.stack.paying import CARD, SLIP, Gmo, Payer, until
from tests.stack.world import email_token, reset_token, stranger
from tests.stackfixture import LocalStack

WRONG, NEW, RESET = "Wrong2026himitsu", "Changed2026himitsu", "Reset2026himitsu"
PASSWORDS = tuple(re.compile(text) for text in (r"Sakura\d{3,}!", "2026himitsu", "Momiji2026"))
ADDRESSES = re.compile(r"\w@example\.jp")
HASHES = re.compile(r"\$2[aby]\$\d\d\$")

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Walk:
    """One member's way through everything that handles a secret."""

    payer: Payer
    secrets: tuple[str, ...]
    """Tokens, links and signed results that were seen on the way."""


@pytest.fixture(scope="module")
def walk(local_stack: LocalStack) -> Walk:
    """Sign in wrongly and rightly, change and reset the password, pay by link, come back."""
    backstage, gmo = Backstage(local_stack), Gmo(local_stack)
    payer, visitor = Payer.signed_in(local_stack), stranger(local_stack)
    visitor.sign_in(payer.person.member_no, WRONG)
    link = payer.chosen("card")
    result = payer.result(gmo.fill_in(link, CARD))
    payer.bring_back(result)
    payer.await_text("支払済")
    change = {"current_password": payer.person.password} | _twice(NEW)
    payer.client.submit(payer.client.get("/member/password"), change, button="変更")
    token = reset_token(payer, visitor, backstage)
    reset = visitor.get(f"/member/password/reset/{token}")
    assert visitor.submit(reset, _twice(RESET), button="変更").status == 303
    signature, secret = result.rpartition(".")[2], token.rpartition(".")[2]
    address = email_token(local_stack, backstage)
    confirm = visitor.get(f"/member/email/{address}")
    assert visitor.submit(confirm, {}, button="このメールアドレスを確認する").status == 303
    mailed = address.rpartition(".")[2]
    return Walk(payer, (link.rpartition("/")[2], result, signature, secret, mailed))


def _twice(password: str) -> dict[str, str]:
    return {"new_password": password, "confirm_password": password}


@pytest.fixture(scope="module")
def logs(local_stack: LocalStack, walk: Walk) -> dict[str, str]:
    """Everything that each function has printed so far."""
    del walk
    return until(
        lambda: dict(_logs(local_stack)),
        # What a worker prints arrives a moment after its answer.
        lambda found: (
            "/member/password/reset/{token}" in found["PasswordLogGroup"]
            and "/member/email/{token}" in found["MemberLogGroup"]
        ),
    )


def _logs(stack: LocalStack) -> Iterator[tuple[str, str]]:
    client = stack.aws.client("logs")
    for logical, group in stack.resources.items():
        if logical.endswith("LogGroup") and logical != "ApiLogGroup":
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
            lines = [event["message"] for page in pages for event in page["events"]]
            yield logical, _unescaped("\n".join(lines))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)


def found_in(texts: Iterable[str], words: Iterable[str]) -> set[str]:
    """Return the words that stand in any of the texts."""
    whole = "\n".join(texts)
    return {word for word in words if word and word in whole}


def test_the_logs_are_there(logs: dict[str, str]) -> None:
    """Else the tests below would prove nothing."""
    assert len(logs) == 9
    assert all('"resource"' in logs[f"{name}LogGroup"] for name in ("Login", "Member", "Billing"))
    assert "delivery kept" in logs["GmoWebhookLogGroup"]
    assert "PaymentFact" in logs["SettlementLogGroup"]
    assert logs["MailerLogGroup"]


def test_no_log_holds_a_password(logs: dict[str, str]) -> None:
    for group, text in logs.items():
        for pattern in (*PASSWORDS, HASHES):
            assert not pattern.search(text), group


def test_no_log_holds_a_cookie_or_a_token(logs: dict[str, str], walk: Walk) -> None:
    tokens = _tokens()
    assert tokens

    assert found_in(logs.values(), tokens | set(walk.secrets)) == set()


def test_no_log_holds_a_key_of_ours(local_stack: LocalStack, logs: dict[str, str]) -> None:
    secrets = local_stack.aws.client("secretsmanager")

    def value(name: str) -> str:
        answer = secrets.get_secret_value(SecretId=local_stack.resources[name])
        text: str = answer["SecretString"]
        return text

    peppers: dict[str, str] = json.loads(value("PepperSecret"))
    keys = {pepper for name, pepper in peppers.items() if name != "current"}
    assert keys

    assert found_in(logs.values(), {*keys, value("GmoShopSecret")}) == set()


def test_no_log_holds_what_a_member_is_called_or_where_to_be_found(
    logs: dict[str, str], walk: Walk
) -> None:
    names = {
        one.record[field]
        for one in (*people(), walk.payer.person)
        for field in ("family_name", "given_name", "family_name_kana", "given_name_kana")
    }
    record = walk.payer.person.record
    places = {record[field] for field in ("phone", "mobile", "street", "building", "workplace")}

    assert found_in(logs.values(), {*names, *places, SLIP["name"], SLIP["kana"]}) == set()
    assert not any(ADDRESSES.search(text) for text in logs.values())


def test_no_log_holds_a_member_number_typed_or_stored(logs: dict[str, str], walk: Walk) -> None:
    """A number is half of what is needed to sign in; the log has eight digits of a hash."""
    assert found_in(logs.values(), {walk.payer.person.member_no}) == set()


@pytest.mark.parametrize("table", ["Audit", "Outbox", "Inbox", "Throttle"])
def test_no_row_of_evidence_holds_a_password_or_a_token(
    local_stack: LocalStack, walk: Walk, table: str
) -> None:
    rows = _rows(local_stack, table)
    assert rows
    text = json.dumps(rows, ensure_ascii=False, default=repr)

    assert not any(pattern.search(text) for pattern in (*PASSWORDS, HASHES))
    # A return is kept as it came: its signature is evidence, and proves nothing a second time.
    seen = {walk.secrets[0], *walk.secrets[3:]} if table == "Inbox" else set(walk.secrets)
    assert found_in([text], _tokens() | seen) == set()


def test_a_session_is_stored_by_its_hash_alone(local_stack: LocalStack, walk: Walk) -> None:
    text = json.dumps(_rows(local_stack, "Sessions"), default=repr)

    assert found_in([text], _tokens() | set(walk.secrets[3:])) == set()


def _tokens() -> set[str]:
    """Return what is secret of each cookie; before the dot stands whose it is.

    The cookie that only tells of an ended session is a word of ours.
    """
    return {cookie.rpartition(".")[2] for cookie in COOKIES_SEEN} - {NOTHING_KEPT, FORM_KEPT, ASKED}


def _rows(stack: LocalStack, table: str) -> list[object]:
    database = stack.aws.client("dynamodb")
    pages = database.get_paginator("scan").paginate(TableName=stack.resources[f"{table}Table"])
    return [item for page in pages for item in page["Items"]]
