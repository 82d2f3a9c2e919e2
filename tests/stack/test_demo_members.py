"""Each state of the demo leads where a member in that state is led."""

import re

import pytest

from local.demo_people import STATES
from tests.stack.client import Client
from tests.stackfixture import LocalStack


def test_demo_json_holds_what_programs_read(local_stack: LocalStack) -> None:
    demo = local_stack.demo

    assert set(demo) == {"portal", "connect", "gmo", "mailbox", "members"}
    assert all(set(one) == {"member_no", "password", "state"} for one in demo["members"])
    for state in STATES:
        assert sum(one["state"] == state for one in demo["members"]) >= 5


def test_an_initial_password_leads_to_the_change_page_only(
    local_stack: LocalStack, client: Client
) -> None:
    """The manual, section 2: the first thing is a password of one's own."""
    member = local_stack.new_member("first_login")

    answer = client.sign_in(member.member_no, member.password)

    assert (answer.status, answer.location) == (303, "/member/password")
    assert client.get("/member/billing").location == "/member/password"
    assert client.follow(answer).form(button="変更").fields.keys() >= {"new_password"}


def test_an_old_password_is_told_of_and_lets_pass(local_stack: LocalStack, client: Client) -> None:
    member = local_stack.new_member("password_expired")

    answer = client.sign_in(member.member_no, member.password)

    assert answer.location == "/member/password/expired"
    assert "変更せずに先に進む" in client.follow(answer).text
    assert client.get("/member").status == 200


def test_an_unpaid_year_can_be_paid(local_stack: LocalStack, client: Client) -> None:
    member = local_stack.new_member("unpaid")

    assert client.sign_in(member.member_no, member.password).location == "/member"

    statement = client.get("/member/billing")
    assert statement.text.count("会員情報確認 支払手続き") == 1
    assert "支払済" not in statement.text


def test_several_unpaid_years_come_oldest_first(local_stack: LocalStack, client: Client) -> None:
    member = local_stack.new_member("arrears")
    client.sign_in(member.member_no, member.password)

    statement = client.get("/member/billing").text

    years = [int(year) for year in re.findall(r"(\d{4})年度 年会費", statement)]
    assert len(years) >= 3
    assert years == sorted(years)


def test_a_paid_year_has_a_receipt_that_can_be_downloaded(
    local_stack: LocalStack, client: Client
) -> None:
    member = local_stack.new_member("paid")
    client.sign_in(member.member_no, member.password)
    statement = client.get("/member/billing")
    assert "支払済" in statement.text

    found = re.search(r"/member/billing/([a-z0-9]+)/receipt", statement.html)
    assert found
    receipt = client.get(f"/member/billing/{found.group(1)}/receipt.pdf")

    assert receipt.status == 200, receipt.text[:200]
    assert receipt.header("content-type") == "application/pdf"
    assert receipt.body.startswith(b"%PDF")


# With an initial password the record is seen only after the first change: the walks do that.
@pytest.mark.parametrize("state", [state for state in STATES if state != "first_login"])
def test_every_record_is_shown_complete(
    local_stack: LocalStack, client: Client, state: str
) -> None:
    """Nothing that we invented may keep a member from going on with 変更なし."""
    member = local_stack.new_member(state)
    client.sign_in(member.member_no, member.password)

    shown = client.get("/member/profile/edit")

    form = shown.form(action="/member/profile/edit")
    assert form.fields["email"] == member.record["email"]
    assert client.submit(shown, {}, button="変更なし").status == 303
