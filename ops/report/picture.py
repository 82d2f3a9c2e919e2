"""Bars of money: as a picture for a file, and of blocks on the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from rich.bar import Bar as Blocks
from rich.console import Console

from ops.exits import Status
from ops.failures import Failure
from ops.private_file import write_private
from ops.report.given import not_written

type Chart = dict[str, object]
"""A chart in the words of Vega-Lite."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FONTS = "IPAexGothic, Hiragino Sans, Yu Gothic, Meiryo, sans-serif"
KINDS = {".svg": "svg", ".png": "png"}
WIDE = 50
"""Cells of the longest bar on a terminal."""
FEW_DAYS = 14
"""So many days are each written below a chart, as its width allows."""
COLOURS = ("#2f6fab", "#e0932f", "#4b9560", "#8b6bb1")


@dataclass(frozen=True)
class Bar:
    """Yen of one kind that came from *begins* on, before *ends*."""

    begins: date
    ends: date
    kind: str
    yen: int


def kind_of(path: Path) -> str:
    """Return what picture a file's name asks for. Raises Failure."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise Failure(f"{path} は .svg か .png にしてください。", Status.REFUSED)
    return kind


def drawn(chart: Chart, path: Path) -> None:
    """Draw a chart into a file, SVG or PNG by its name. Raises Failure."""
    content = svg(chart).encode() if kind_of(path) == "svg" else png(chart)
    try:
        write_private(path, content)
    except OSError as error:
        raise not_written(path, error) from None


# The library takes half a second to load, and only who wants a picture waits for it.


def svg(chart: Chart) -> str:
    """Return a chart as SVG."""
    import vl_convert

    return vl_convert.vegalite_to_svg(chart)


def png(chart: Chart) -> bytes:
    """Return a chart as PNG, of twice as many points as it has units."""
    import vl_convert

    return vl_convert.vegalite_to_png(chart, scale=2)


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


def chart(bars: Sequence[Bar], kinds: Sequence[str], title: str, period: str) -> Chart:
    """Return bars, one on the other by kind; each kind has its colour whether it came or not."""
    return {
        "$schema": SCHEMA,
        "title": title,
        "width": 800,
        "height": 360,
        "config": {"font": FONTS},
        "data": {"values": list(_values(bars))},
        # Vega-Lite stacks no bars that have an end of their own in time.
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5},
        "encoding": {
            "x": {
                "field": "begins",
                "type": "temporal",
                # A day is a day wherever the picture is drawn.
                "scale": {"type": "utc"},
                "axis": {"format": "%Y-%m-%d", "labelAngle": -40, **_ticks(bars)},
                "title": period,
            },
            "x2": {"field": "ends"},
            "y": {
                "field": "from",
                "type": "quantitative",
                "title": "円",
                "axis": {"format": ",.0f"},
            },
            "y2": {"field": "to"},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": "支払方法",
                "scale": {"domain": list(kinds), "range": list(COLOURS[: len(kinds)])},
            },
            "description": {"field": "told"},
        },
    }


def _ticks(bars: Sequence[Bar]) -> Chart:
    """Return where the days are written: in few days Vega would write each several times."""
    ends = max((one.ends for one in bars), default=date.min)
    begins = min((one.begins for one in bars), default=date.min)
    few = (ends - begins).days <= FEW_DAYS
    return {"tickCount": {"interval": "day", "step": 1}} if few else {}


def _values(bars: Sequence[Bar]) -> Iterator[Mapping[str, object]]:
    """Yield each bar with where it begins and ends, each on the ones before it of its time."""
    reached: dict[date, int] = {}
    for one in bars:
        below = reached.get(one.begins, 0)
        reached[one.begins] = below + one.yen
        yield {
            "begins": one.begins.isoformat(),
            "ends": one.ends.isoformat(),
            "kind": one.kind,
            "from": below,
            "to": below + one.yen,
            "told": f"{one.begins} {one.kind} {one.yen:,}円",
        }
