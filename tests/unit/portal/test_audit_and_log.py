"""An audit entry is put once and never over another; a log line has a shape and no identity."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import portal
from portal import audit
from portal.clock import iso
from portal.database import Item, Missing
from portal.log import Masks, mask
from tests.fakes import MemoryDatabase

NOW = datetime(2026, 11, 22, 3, 4, 5, 6, UTC)


def test_an_entry_tells_who_what_whom_when_and_from_where() -> None:
    put = audit.entry(
        "audit",
        actor="office:sato",
        action="method_released",
        subject="m1",
        at=NOW,
        source="192.0.2.1",
        before={"method": "card"},
        after={},
        note="by phone",
    )
    sk = str(put.item.pop("sk"))
    assert re.fullmatch(re.escape(iso(NOW)) + "#[0-9A-Z]{8}", sk)
    assert put.item == {
        "pk": "m1",
        "actor": "office:sato",
        "action": "method_released",
        "source": "192.0.2.1",
        "note": "by phone",
        "before": {"method": "card"},
        "after": {},
    }


def test_an_entry_never_replaces_another() -> None:
    put = audit.entry("audit", actor="m1", action="sign_in", subject="m1", at=NOW)
    assert put.when == (Missing("pk"),)
    assert "before" not in put.item
    assert "after" not in put.item


def test_entries_of_one_moment_have_keys_of_their_own() -> None:
    database = MemoryDatabase()
    for _ in range(50):
        database.commit(audit.entry("audit", actor="m1", action="x", subject="m1", at=NOW))
    assert len(database.rows("audit")) == 50


def test_what_the_caller_changes_later_is_not_in_the_entry() -> None:
    before: Item = {"city": "中野区"}
    put = audit.entry("audit", actor="m1", action="x", subject="m1", at=NOW, before=before)
    before["city"] = "杉並区"
    assert put.item["before"] == {"city": "中野区"}


MEMBER_ID = "0123456789abcdefghjkmnpqrs"


def test_an_id_of_ours_is_masked_to_the_same_eight_digits() -> None:
    assert mask(MEMBER_ID) == mask(MEMBER_ID)
    assert re.fullmatch("[0-9a-f]{8}", mask(MEMBER_ID))
    assert mask(MEMBER_ID) != mask(MEMBER_ID[::-1])


def test_a_number_is_masked_alike_by_everybody_who_has_the_key() -> None:
    here, there = Masks(lambda: "key"), Masks(lambda: "key")
    assert here("001234") == there("001234")
    assert re.fullmatch("[0-9a-f]{8}", here("001234"))
    assert here("001234") != here("001235")


def test_without_the_key_no_number_can_be_tried_on_a_mask() -> None:
    """The numbers are few: with a bare hash the right one would be found in a second."""
    masked = Masks(lambda: "a key that is not told")("001234")
    guesses = [Masks(key.strip)("001234") for key in ("", "001234", "b key that is not told")]
    bare = [sha256(f"{label}001234".encode()).hexdigest()[:8] for label in ("", "log:")]
    assert masked not in {*guesses, *bare, mask("001234")}


def test_the_key_of_masks_is_asked_for_at_the_first_mask_and_once() -> None:
    asked: list[str] = []

    def key() -> str:
        asked.append("asked")
        return "key"

    masks = Masks(key)
    assert asked == []
    masks("001234")
    masks("001235")
    assert asked == ["asked"]


def lines(program: str) -> list[dict[str, Any]]:
    """Run *program* where standard output is nobody else's, and return its lines."""
    layer = str(Path(portal.__file__).parents[1])
    start = f"import sys; sys.path.insert(0, {layer!r})\nfrom portal.log import count, logger\n"
    done = subprocess.run(
        [sys.executable, "-c", start + program], capture_output=True, check=True, text=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_lines_are_json_and_counts_metrics_in_cloudwatchs_embedded_format() -> None:
    counted, bare, plain = lines(
        "count('SignIn', 3, outcome='Refused', stage='test')\n"
        "count('Two')\n"
        "logger.info('試験', extra={'n': 1})\n"
    )
    assert (counted["SignIn"], counted["outcome"], counted["stage"]) == (3, "Refused", "test")
    assert counted["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "MemberPortal",
            "Dimensions": [["outcome", "stage"]],
            "Metrics": [{"Name": "SignIn", "Unit": "Count"}],
        }
    ]
    assert abs(counted["_aws"]["Timestamp"] / 1000 - datetime.now(UTC).timestamp()) < 60
    # The dimensions of one count must not stay for the next.
    assert not {"SignIn", "outcome", "stage"} & set(bare)
    assert bare["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]
    assert (plain["message"], plain["n"], plain["level"]) == ("試験", 1, "INFO")
    assert plain["service"] == "member-portal"


def test_a_lines_moment_is_written_with_its_offset() -> None:
    """ASVS V16.2.2."""
    (line,) = lines("logger.info('x')\n")
    moment = datetime.strptime(line["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z")
    assert abs(moment.timestamp() - datetime.now(UTC).timestamp()) < 60


def test_what_somebody_typed_makes_no_line_of_its_own() -> None:
    """ASVS V16.4.1: a line break and a quotation mark stay inside of their value."""
    forged = 'x"}\n{"message": "sign-in", "outcome": "SignedIn"}\r'
    (line,) = lines(f"logger.info({forged!r}, extra={{'why': {forged!r}}})\n")
    assert (line["message"], line["why"]) == (forged, forged)
    assert "outcome" not in line
