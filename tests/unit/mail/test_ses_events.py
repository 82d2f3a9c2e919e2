"""The border to SES's events: each kind as SES's developer guide shows it, and garbage."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import iso
from portal.mail.event import Happened, MailEvent, mail_id_of, tag_of
from portal.mail.ses_events import Ignored, read

FIXTURES = Path(__file__).parents[2] / "fixtures/ses"


def event(kind: str) -> dict[str, Any]:
    """Return one event as EventBridge hands it on."""
    found: dict[str, Any] = json.loads((FIXTURES / f"{kind}.json").read_text(encoding="utf-8"))
    return found


def understood(told: object) -> MailEvent:
    found = read(told)
    assert isinstance(found, MailEvent), found
    return found


def changed(kind: str, part: str, **values: object) -> dict[str, Any]:
    told = deepcopy(event(kind))
    told["detail"][part] |= values
    return told


@pytest.mark.parametrize(
    ("kind", "happened", "at"),
    [
        ("send", Happened.SENT, "2026-11-22T03:00:00.012000Z"),
        ("delivery", Happened.DELIVERED, "2026-11-22T03:01:01.883000Z"),
        ("delivery_delay", Happened.DELAYED, "2026-11-22T03:25:00.095000Z"),
        ("bounce", Happened.BOUNCED, "2026-11-22T03:01:02.669000Z"),
        ("complaint", Happened.COMPLAINED, "2026-11-22T03:41:02.000000Z"),
        ("reject", Happened.REJECTED, "2026-11-22T03:00:00.012000Z"),
    ],
)
def test_each_kind_tells_of_which_mail_and_when(kind: str, happened: Happened, at: str) -> None:
    found = understood(event(kind))
    assert (found.happened, found.mail_id) == (happened, "card_paid#1")
    assert iso(found.at) == at
    assert iso(found.sent_at) == "2026-11-22T03:00:00.012000Z"
    assert found.message_id.startswith("0106019aaaaa-")


def test_the_address_is_the_one_we_sent_to_and_not_where_it_was_forwarded() -> None:
    assert understood(event("bounce")).address == "hanako@example.jp"


def test_an_address_that_was_quoted_for_ses_is_read_as_it_was_typed() -> None:
    told = changed("bounce", "mail", destination=['"a..b."@docomo.ne.jp'])
    assert understood(told).address == "a..b.@docomo.ne.jp"


def test_the_reason_is_the_type_and_never_a_servers_own_text() -> None:
    assert understood(event("bounce")).why == "Permanent/General"
    odd = changed("bounce", "bounce", bounceSubType="550 <hanako@example.jp> unknown")
    assert understood(odd).why == "Permanent/other"


@pytest.mark.parametrize(
    ("kind", "lasting"), [("Permanent", True), ("Transient", False), ("Undetermined", False)]
)
def test_only_a_permanent_bounce_says_something_of_the_address(kind: str, lasting: bool) -> None:
    assert understood(changed("bounce", "bounce", bounceType=kind)).lasting is lasting


def test_a_complaint_is_lasting_and_its_contrary_is_none() -> None:
    assert understood(event("complaint")).lasting
    assert understood(event("complaint")).why == "complaint/abuse"
    kind = {"complaintFeedbackType": "not-spam"}
    assert read(changed("complaint", "complaint", **kind)) == Ignored("not spam")


def test_a_complaint_that_ses_remembered_says_so() -> None:
    told = changed("complaint", "complaint", complaintSubType="OnAccountSuppressionList")
    assert understood(told).why == "complaint/OnAccountSuppressionList"


@pytest.mark.parametrize("kind", ["Open", "Click", "Rendering Failure", "Subscription", "Novelty"])
def test_another_kind_is_ignored(kind: str) -> None:
    told = event("send")
    told["detail"]["eventType"] = kind
    assert read(told) == Ignored("unknown kind")


@pytest.mark.parametrize("tag", [[], [""], ["***"], ["a"], ["_w"]])
def test_a_mail_without_a_tag_of_ours_is_ignored(tag: list[str]) -> None:
    told = event("bounce")
    told["detail"]["mail"]["tags"] = {"mail": tag}
    assert read(told) == Ignored("not ours")
    told["detail"]["mail"]["tags"] = {}
    assert read(told) == Ignored("not ours")


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        {},
        [],
        "x",
        {"detail": None},
        {"detail": "Bounce"},
        {"detail": {"eventType": "Bounce"}},
        {"Records": []},
        changed("bounce", "mail", timestamp="yesterday"),
        changed("bounce", "mail", timestamp="2026-11-22T03:00:00"),
        changed("bounce", "mail", destination=[]),
        changed("bounce", "mail", tags=[]),
        changed("bounce", "bounce", bounceType=None),
    ],
)
def test_garbage_is_ignored(garbage: object) -> None:
    assert read(garbage) == Ignored("not understood")


@pytest.mark.parametrize("kind", ["delivery", "bounce", "complaint"])
def test_a_kind_without_its_part_is_ignored(kind: str) -> None:
    told = event(kind)
    del told["detail"][kind]
    assert read(told) == Ignored("not understood")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(JSON)
def test_whatever_comes_nothing_is_raised(told: object) -> None:
    for event_of in (told, {"detail": told}, {"detail": {"eventType": "Bounce", "mail": told}}):
        assert isinstance(read(event_of), Ignored)


@given(st.text(min_size=1, max_size=60))
def test_a_mails_id_comes_back_from_its_tag(mail_id: str) -> None:
    tag = tag_of(mail_id)
    assert all(one.isascii() and (one.isalnum() or one in "_-") for one in tag)
    assert mail_id_of(tag) == (mail_id if len(tag) <= 256 else "")
