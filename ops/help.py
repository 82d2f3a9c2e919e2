"""The command line's help and its words for what was typed wrongly, in Japanese.

typer 0.29 sends some of its texts through gettext and none of its errors, and its help cuts a
Japanese text that is wider than its column in the middle (decision 0043). So both are said here.
"""

import io
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from typer._click.core import Context, Parameter
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    ClickException,
    FileError,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)
from typer._click.formatting import HelpFormatter
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

WIDEST = 100
"""Cells; longer lines are hard to read."""

_HELP = "この説明を表示する"
_TYPES = {
    "<str>": "文字",
    "<int>": "数",
    "<int range>": "数",
    "<date>": "日付",
    "<file>": "ファイル",
    "<path>": "ファイル",
}


class Group(TyperGroup):
    """A group of commands with its help."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help."""
        shown = [(name, one.help or "") for name, one in self.commands.items() if not one.hidden]
        formatter.write(
            _page(
                ctx, self.help, {"オプション": _options(self.get_params(ctx), ctx), "命令": shown}
            )
        )


class Command(TyperCommand):
    """A command with its help."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help."""
        params = self.get_params(ctx)
        parts = {"引数": _arguments(params), "オプション": _options(params, ctx)}
        formatter.write(_page(ctx, self.help, parts))


def in_japanese(app: typer.Typer) -> typer.Typer:
    """Give an application and all its groups and commands their Japanese help; return it."""
    app.info.cls = Group
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance is not None:
            in_japanese(group.typer_instance)
    return app


def usage(ctx: Context) -> str:
    """Return how a command is typed."""
    program, *words = ctx.command_path.split(" ")
    command = ctx.command
    if isinstance(command, TyperGroup):
        rest = ["命令", "…"]
    else:
        rest = [
            _place(one) for one in command.get_params(ctx) if isinstance(one, TyperArgument)
        ] + ["[オプション]"]
    return " ".join(["使い方:", program, "--stage", "環境", *words, *rest])


def _page(ctx: Context, told: str | None, parts: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    page = io.StringIO()
    width = min(shutil.get_terminal_size().columns, WIDEST)
    console = Console(file=page, width=width, markup=False, highlight=False, emoji=False)
    console.print(usage(ctx), overflow="fold")
    if told:
        console.print(f"\n{told}", overflow="fold")
    for title, rows in parts.items():
        if rows:
            console.print(f"\n{title}:")
            console.print(Padding(_grid(rows), (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=30)
    # A Japanese text is one long word, which is folded and never cut.
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _place(argument: TyperArgument) -> str:
    name = argument.display_name_raw + ("…" if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _arguments(params: Iterable[Parameter]) -> list[tuple[str, str]]:
    return [(_place(one), one.help or "") for one in params if isinstance(one, TyperArgument)]


def _options(params: Iterable[Parameter], ctx: Context) -> list[tuple[str, str]]:
    found = [one for one in params if isinstance(one, TyperOption) and not one.hidden]
    return [(_written(one, ctx), _told(one)) for one in found]


def _written(option: TyperOption, ctx: Context) -> str:
    words = " / ".join([*option.opts, *option.secondary_opts])
    if option.is_flag or option.count:
        return words
    return f"{words} {option.metavar or _kind(option.display_type(ctx))}"


def _kind(typed: str) -> str:
    """Return typer's word for a kind of value as a person reads it; choices as they are typed."""
    return typed.strip("<>") if "|" in typed else _TYPES.get(typed, "値")


def _told(option: TyperOption) -> str:
    if option.opts == ["--help"]:
        return _HELP
    return (option.help or "") + ("（必須）" if option.required else "")


# What was typed wrongly -------------------------------------------------------------------------


def wrong(error: ClickException) -> str:
    """Return what to say of a command line that could not be read."""
    if isinstance(error, NoArgsIsHelpError):
        return error.message.rstrip("\n")
    ctx = error.ctx if isinstance(error, UsageError) else None
    lines = [f"エラー: {_fault(error)}"]
    if ctx is not None:
        lines += [usage(ctx), f"説明は {ctx.command_path} --help で表示できます。"]
    return "\n".join(lines)


def _fault(error: ClickException) -> str:
    match error:
        case MissingParameter():
            return f"{_name(error) or '入力'} がありません。"
        case BadParameter():
            name = _name(error)
            # What several words are wrong about together has no one name.
            return f"{name} を読み取れません: {_why(error)}" if name else f"{_why(error)}。"
        case NoSuchOption():
            near = f"もしかして: {'、'.join(error.possibilities)}" if error.possibilities else ""
            return f"{error.option_name} というオプションはありません。{near}"
        case BadOptionUsage():
            lacks = "requires" in error.message
            return error.option_name + (
                " のあとに値がありません。" if lacks else " に値は付けられません。"
            )
        case FileError():
            return f"ファイル {error.ui_filename} を開けません。"
        case _:
            return _of_text(error.message)


def _name(error: BadParameter) -> str:
    hint = error.param_hint or (error.param.get_error_hint() if error.param else "")
    text = hint if isinstance(hint, str) else " / ".join(hint)
    return text.replace("'", "")


def _why(error: BadParameter) -> str:
    """Return the reason, ours as it is; typer's own is English, and told by what was wanted."""
    if not _english(error.message):
        return error.message
    typed = error.param.display_type(error.ctx) if error.param and error.ctx else ""
    choices = typed.strip("<>").split("|")
    if len(choices) > 1:
        return f"{'・'.join(choices)} のどれかを入力してください"
    return _WANTED.get(typed, "正しい値を入力してください")


_WANTED = {
    "<int>": "整数で入力してください",
    "<int range>": "範囲の中の整数で入力してください",
    "<float>": "数で入力してください",
    "<path>": "ファイルがないか、読めません",
    "<file>": "ファイルがないか、読めません",
}

_TEXTS = (
    (
        r"No such command '(.+?)'\. Did you mean (.+)\?",
        "{0} という命令はありません。もしかして: {1}",
    ),
    (r"No such command '(.+?)'", "{0} という命令はありません。"),
    (r"Missing command", "命令がありません。"),
    (r"Got unexpected extra argument\(s\) \((.+)\)", "余分な語があります: {0}"),
)
"""What typer has no kind of error for. A newer typer that says it in other words fails a test."""


def _of_text(message: str) -> str:
    for pattern, japanese in _TEXTS:
        found = re.match(pattern, message)
        if found:
            return japanese.format(*(one.replace("'", "") for one in found.groups()))
    return "命令を読み取れません。" if _english(message) else message


def _english(message: str) -> bool:
    """Tell whether a text is typer's own; what it quotes may be anything."""
    return re.sub(r"'.*'", "", message).isascii()
