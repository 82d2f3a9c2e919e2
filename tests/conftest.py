"""Every test of every kind also proves that what it made the portal log holds nothing secret.

The lines are those of the portal's own logger, as a function prints them. A test whose lines hold a
password, a token, a mail address or the invented member's name or number fails, whatever else it
is about (ASVS V16.2.5). Lines that tests print themselves are not looked at.
"""

from collections.abc import Generator
from typing import Any

import pytest

from tests.leaks import shapes_in, unescaped, words_in

_OURS = '"service":"member-portal"'
INVENTED = (
    "山田", "花子", "ヤマダ", "ハナコ", "中野病院", "コーポ中野", "0312345678", "09012345678",
    "001234", "shoppass00", "an invented pepper", "an invented key of masks",
)  # fmt: skip
"""The member of tests/unit, and the keys of its portal."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a passed test whose lines tell what no log may hold."""
    report = yield
    leaked = _leaked(report.capstdout) if call.when == "call" and report.passed else set()
    if leaked:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: the portal's log holds {', '.join(sorted(leaked))}"
    return report


def _leaked(printed: str) -> set[str]:
    ours = unescaped("\n".join(line for line in printed.splitlines() if _OURS in line))
    return shapes_in(ours) | words_in(ours, INVENTED)
