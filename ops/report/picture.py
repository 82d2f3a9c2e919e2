"""Bars of money: as a picture for a file, and of blocks on the terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from rich.bar import Bar as Blocks
from rich.console import Console

from ops.exits import Status
from ops.failures import Failure
from ops.letters.files import write_private
from ops.report.given import not_written

KINDS = {".svg": "svg", ".png": "png"}
WIDE = 50
"""Cells of the longest bar on a terminal."""
_COLOURS = ("#2f6fab", "#e0932f", "#4b9560", "#8b6bb1")


@dataclass(frozen=True)
class Bar:
    """Yen of one kind that came in the time that begins on *begins*."""

    begins: date
    kind: str
    yen: int


def kind_of(path: Path) -> str:
    """Return what picture a file's name asks for. Raises Failure."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise Failure(f"{path} は .svg か .png にしてください。", Status.REFUSED)
    return kind


def drawn(bars: Sequence[Bar], title: str, period: str, path: Path) -> None:
    """Draw the bars, one on the other by kind, into a file. Raises Failure."""
    # Takes half a second to load, and only who wants a picture waits for it.
    import vl_convert

    chart = _chart(bars, title, period)
    if kind_of(path) == "svg":
        content = vl_convert.vegalite_to_svg(chart).encode()
    else:
        content = vl_convert.vegalite_to_png(chart, scale=2)
    try:
        write_private(path, content)
    except OSError as error:
        raise not_written(path, error) from None


def in_terminal(sums: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Yield a line for each sum, with a bar as long as its share of the largest."""
    most = max((yen for _, yen in sums), default=0)
    for name, yen in sums:
        yield f"{name}  {_blocks(yen, most)} {yen:,}"


def _blocks(yen: int, most: int) -> str:
    screen = Console(file=StringIO(), width=WIDE, color_system=None, legacy_windows=False)
    with screen.capture() as caught:
        screen.print(Blocks(most or 1, 0, yen, width=WIDE), end="")
    return caught.get().rstrip()


def _chart(bars: Sequence[Bar], title: str, period: str) -> dict[str, object]:
    """Return what is drawn in the words of Vega-Lite."""
    kinds = list(dict.fromkeys(one.kind for one in bars))
    values = [{"begins": one.begins.isoformat(), "kind": one.kind, "yen": one.yen} for one in bars]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": title,
        "width": 800,
        "height": 360,
        "config": {"font": "IPAexGothic, Hiragino Sans, Yu Gothic, Meiryo, sans-serif"},
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "begins", "type": "ordinal", "title": period},
            "y": {"field": "yen", "type": "quantitative", "title": "円", "axis": {"format": ","}},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": "支払方法",
                "scale": {"domain": kinds, "range": list(_COLOURS[: len(kinds)])},
            },
        },
    }
