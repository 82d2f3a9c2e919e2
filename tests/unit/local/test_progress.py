"""Progress lines."""

import io
import re
import time

import pytest

from local.progress import Progress


def test_a_step_ends_with_its_seconds() -> None:
    out = io.StringIO()

    with Progress(out).step("sam build"):
        pass

    assert re.fullmatch(r"  sam build  \d+\.\d s\n", out.getvalue())


def test_a_long_step_shows_that_it_still_goes_on() -> None:
    out = io.StringIO()

    with Progress(out, tick=0.01).step("sam build"):
        time.sleep(0.1)

    assert ".." in out.getvalue()


def test_a_step_that_fails_says_so_and_passes_the_error_on() -> None:
    out = io.StringIO()

    with pytest.raises(ValueError, match="why"), Progress(out).step("sam build"):
        raise ValueError("why")

    assert "failed after" in out.getvalue()
