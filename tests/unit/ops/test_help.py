"""What the command line says of itself: all of it in Japanese, and whole in a narrow window."""

import re
from collections.abc import Iterator

import pytest
import typer
from rich.cells import cell_len
from typer.core import TyperGroup

from ops.cli import GROUPS, application, main
from ops.desk import Desk
from ops.exits import Status
from ops.output import Output

TYPERS_OWN = re.compile(
    r"Usage|Options|Arguments|Commands|\[required\]|default|Show this|Missing|Invalid|No such|"
    r"Error|Aborted|Try |<\w+>|Got unexpected|requires|does not|\bint\b|\bstr\b|\bdate\b"
)


def never(_options: object, _out: Output) -> Desk:
    raise AssertionError("help reaches nothing")


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the words of each group and command."""
    root = typer.main.get_command(application(never, Output))
    assert isinstance(root, TyperGroup)
    yield ()
    for name, one in root.commands.items():
        yield (name,)
        if isinstance(one, TyperGroup):
            yield from ((name, inner) for inner in one.commands)


ALL = sorted(commands())
ROOT = {(name,) for name, _ in GROUPS if name} | {()}
"""The words that are a group and no command."""


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words, never) == Status.DONE
    return capsys.readouterr().out


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_help_is_in_japanese(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert not TYPERS_OWN.search(shown(capsys, *words, "--help"))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_help_fits_into_80_cells(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert max(cell_len(line) for line in shown(capsys, *words, "--help").splitlines()) <= 80


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_nothing_of_a_help_is_cut_off(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However narrow the window, the same letters are there."""
    wide = shown(capsys, *words, "--help")
    monkeypatch.setenv("COLUMNS", "60")

    narrow_one = shown(capsys, *words, "--help")

    assert sorted("".join(narrow_one.split())) == sorted("".join(wide.split()))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_and_group_says_what_it_is_for(words: tuple[str, ...]) -> None:
    found: object = typer.main.get_command(application(never, Output))
    for word in words:
        assert isinstance(found, TyperGroup)
        found = found.commands[word]
    told = getattr(found, "help", "") or ""
    assert not told.isascii(), "a help in Japanese"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ((), "命令がありません"),
        (("maks",), "maks という命令はありません。もしかして: mask"),
        (("zzz",), "zzz という命令はありません。"),
        (("mask",), "会員番号 がありません"),
        (("mask", "abc"), "会員番号 を読み取れません: 会員番号でも会員 ID でもありません"),
        (("mask", "1", "2", "3"), "余分な語があります: 2 3"),
        (("mask", "1", "--rolle"), "--rolle というオプションはありません"),
        (("discrepancies", "resolve", "x", "--reason"), "--reason のあとに値がありません"),
        (("discrepancies", "resolve", "x", "--yes=3"), "--yes に値は付けられません"),
        (
            ("discrepancies", "resolve", "x", "--reason", "y", "--times", "a"),
            "--times を読み取れません: 整数で入力してください",
        ),
        (
            ("discrepancies", "resolve", "x", "--reason", " "),
            "--reason を読み取れません: 空では記録できません",
        ),
        (
            ("members", "import", "x.csv", "--yes", "--by", "山田"),
            "エラー: --yes には --reason（理由）も必要です。",
        ),
        (
            ("members", "end-sessions", "--reason", "x"),
            "エラー: 会員番号か --all の、どちらか一方を指定してください。",
        ),
        (("--role", "root", "mask", "1"), "viewer・clerk・accountant・administrator のどれか"),
    ],
)
def test_what_is_typed_wrongly_is_told_in_japanese(
    typed: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--stage", "production", *typed], never) == Status.USAGE

    told = capsys.readouterr()
    assert said in told.err
    assert not TYPERS_OWN.search(told.err)
    assert not told.out


def test_a_stage_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mask", "001234"], never) == Status.USAGE
    assert "--stage がありません" in capsys.readouterr().err


def test_a_stage_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "prod", "mask", "001234"], never) == Status.USAGE
    assert "local・staging・production のどれか" in capsys.readouterr().err


def test_nothing_typed_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], never) == Status.USAGE
    told = capsys.readouterr().err
    assert all(name in told for name, _ in GROUPS if name)
