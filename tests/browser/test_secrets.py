"""M54 once more after all walks: nothing secret or personal in anything the stack has logged.

Runs last of this folder, which runs last of those on the stack, so that it reads what the whole run
has caused (tests/run.py).
"""

import pytest

from tests.leaks import Written, shapes_in, words_in
from tests.stackfixture import LocalStack


@pytest.fixture(scope="module")
def written(local_stack: LocalStack) -> Written:
    return Written(local_stack)


def test_there_is_something_to_look_at(written: Written) -> None:
    assert '"resource"' in written.logs["LoginLogGroup"]
    assert written.personal
    assert written.keys
    assert len(written.logs) >= 9


def test_no_log_holds_a_token_a_password_or_an_address_by_its_shape(written: Written) -> None:
    found = {group: shapes_in(text) for group, text in written.logs.items()}
    assert {group: kinds for group, kinds in found.items() if kinds} == {}


def test_no_log_holds_a_name_a_number_a_key_or_what_was_mailed(written: Written) -> None:
    words = written.personal | written.keys | written.mailed
    found = {group: words_in(text, words) for group, text in written.logs.items()}
    assert {group: kinds for group, kinds in found.items() if kinds} == {}
