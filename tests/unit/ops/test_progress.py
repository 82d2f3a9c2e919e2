"""How far a long work is: a bar at a terminal, lines elsewhere, and nothing between results."""

import io
import itertools

import pytest

from ops.bar import clear
from ops.pipe import tell
from ops.progress import Progress

ERASED = "\x1b[2K"
CURSOR = "\x1b[?25h"


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def xterm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a terminal that can draw, whatever the tests run in."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")


def progress(total: int, screen: io.StringIO | None, told: list[str]) -> Progress:
    seconds = itertools.count(0, 3)
    return Progress(total, "行", lambda: float(next(seconds)), told.append, screen)


def test_a_pipe_gets_lines() -> None:
    told: list[str] = []
    counted = progress(10, None, told)
    counted.step(2)
    assert told == ["… 2 / 10 行（20%、残り約 12 秒）"]


def test_a_work_of_unknown_length_tells_how_much_was_done() -> None:
    told: list[str] = []
    progress(0, None, told).step(1200)
    assert told == ["… 1,200 行"]


@pytest.mark.parametrize("total", [10, 0])
def test_a_terminal_gets_a_bar_that_is_drawn_again_in_its_place(total: int) -> None:
    told: list[str] = []
    screen = Terminal()
    counted = progress(total, screen, told)
    counted.step(2)
    counted.step(3)
    clear()
    assert told == []
    assert "5 / 10 行" in screen.getvalue() if total else "5 行" in screen.getvalue()
    assert ERASED in screen.getvalue()


def test_the_bar_is_gone_before_a_result_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Seen red without the clearing in ops/pipe.py."""
    screen = Terminal()
    counted = progress(10, screen, [])
    counted.step(2)
    assert CURSOR not in screen.getvalue()
    tell("結果")
    assert screen.getvalue().endswith(ERASED)
    assert CURSOR in screen.getvalue()
    assert capsys.readouterr().out == "結果\n"


def test_the_bar_is_gone_when_all_is_done_and_comes_again_after_a_line() -> None:
    screen = Terminal()
    counted = progress(10, screen, [])
    counted.step(2)
    tell("途中")
    counted.step(3)
    assert "5 / 10" in screen.getvalue()
    counted.step(5)
    assert screen.getvalue().endswith(ERASED)
