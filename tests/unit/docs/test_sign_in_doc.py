"""docs/sign-in.md tells the numbers of waiting as they are in the code and the template."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.accounts import model
from portal.accounts.throttle import WaitingRules
from tests.unit.template.loading import load

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "sign-in.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
UNITS = {"s": "seconds", "h": "hours", "d": "days"}
CONSTANTS: Mapping[str, object] = {
    **vars(WaitingRules()),
    "NETWORK_MEMORY": model.NETWORK_MEMORY,
    "MOST_NETWORKS": model.MOST_NETWORKS,
}
TOLD = dict(re.findall(r"\| `(\w+)` \| (?:more than )?([\w ]+) \|$", TEXT, re.MULTILINE))
ALARMS = re.findall(r"`(\w+Alarm)` \|[^|]*\| more than (\d+) \|$", TEXT, re.MULTILINE)


def number(told: str) -> int | timedelta:
    """Return what a cell of the table says."""
    amount, _, unit = told.partition(" ")
    return timedelta(**{UNITS[unit]: int(amount)}) if unit else int(amount)


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_a_constant_is_told_as_it_is(name: str) -> None:
    """Each constant has its row, so a new one must be documented."""
    assert number(TOLD[name]) == CONSTANTS[name]


def test_the_table_tells_no_constant_that_is_not_there() -> None:
    assert set(TOLD) == set(CONSTANTS)


@pytest.mark.parametrize(("name", "threshold"), ALARMS)
def test_an_alarm_rings_at_what_is_told(name: str, threshold: str) -> None:
    alarm: Mapping[str, Any] = load()["Resources"][name]["Properties"]
    assert alarm["Threshold"] == int(threshold)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_every_alarm_on_signing_in_is_told_here_and_in_the_offices_runbook() -> None:
    runbook = DOCUMENT.with_name("runbooks") / "ログインへの攻撃.md"
    metrics = {"SignIn", "NumbersPerNetwork", "NumberUnderAttack"}
    names = {
        name
        for name, resource in load()["Resources"].items()
        if resource.get("Properties", {}).get("MetricName") in metrics
    }
    assert {name for name, _ in ALARMS} == names
    told = runbook.read_text(encoding="utf-8")
    assert [name for name in sorted(names) if name not in told] == []
