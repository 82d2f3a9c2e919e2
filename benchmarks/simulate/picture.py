"""The year as a picture: an SVG written by hand, since a chart needs no library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP, BOTTOM = 60, 60, 56, 48
WEEK = timedelta(days=7)
CARD, STORE, SHARE, SILENT = "#2f6fab", "#e0932f", "#333333", "#c23b3b"


@dataclass(frozen=True)
class Picture:
    """What is drawn: moments of money by way of paying, and GMO's silences."""

    begins: datetime
    ends: datetime
    card: Sequence[datetime]
    store: Sequence[datetime]
    silences: Sequence[tuple[datetime, datetime]]
    members: int
    title: str

    def svg(self) -> str:
        """Return the whole picture."""
        parts = "\n".join(self._parts())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="sans-serif" font-size="12" role="img" aria-label="{self.title}">\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{parts}\n</svg>\n'
        )

    def _parts(self) -> Iterator[str]:
        yield _text(LEFT, 20, self.title, weight="bold")
        yield from self._legend()
        yield from self._months()
        yield from self._bars()
        yield from self._silences()
        yield self._share()

    def _legend(self) -> Iterator[str]:
        words = (
            (CARD, "by card, a week"),
            (STORE, "at a store, a week"),
            (SHARE, "share of members who paid (right)"),
            (SILENT, "GMO gives no answer"),
        )
        x = LEFT
        for colour, word in words:
            yield f'<rect x="{x}" y="30" width="12" height="12" fill="{colour}"/>'
            yield _text(x + 17, 40, word)
            x += 40 + 7 * len(word)

    def _months(self) -> Iterator[str]:
        month = self.begins.replace(day=1)
        while month < self.ends:
            x = self._x(max(month, self.begins))
            yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{HEIGHT - BOTTOM}" stroke="#e6e6e6"/>'
            yield _text(
                x + 3,
                HEIGHT - BOTTOM + 16,
                f"{month:%b %Y}" if month.month in (1, 4) else f"{month:%b}",
            )
            month = (month + timedelta(days=32)).replace(day=1)

    def _bars(self) -> Iterator[str]:
        weeks = [(self._in_week(self.card, w), self._in_week(self.store, w)) for w in self._weeks()]
        most = max(*map(sum, weeks), 1)
        for share in (0.25, 0.5, 0.75, 1.0):
            y = self._y(share)
            yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#eeeeee"/>'
            yield _text(LEFT - 8, y + 4, f"{most * share:.0f}", anchor="end")
            yield _text(WIDTH - RIGHT + 8, y + 4, f"{share:.0%}")
        for begins, (card, store) in zip(self._weeks(), weeks, strict=True):
            x, width = self._x(begins) + 1, self._x(begins + WEEK) - self._x(begins) - 2
            base, middle, top = (self._y(n / most) for n in (0, card, card + store))
            yield _bar(x, middle, width, base - middle, CARD)
            yield _bar(x, top, width, middle - top, STORE)

    def _silences(self) -> Iterator[str]:
        for begins, ends in self.silences:
            x = self._x(begins)
            width = max(self._x(ends) - x, 1.5)
            yield _bar(x, HEIGHT - BOTTOM + 22, width, 8, SILENT)

    def _share(self) -> str:
        moments = sorted([*self.card, *self.store])
        points = [f"{self._x(self.begins)},{self._y(0)}"]
        for place, moment in enumerate(moments, 1):
            if place % max(self.members // 400, 1) == 0 or place == len(moments):
                points.append(f"{self._x(moment)},{self._y(place / self.members)}")
        joined = " ".join(points)
        return f'<polyline points="{joined}" fill="none" stroke="{SHARE}" stroke-width="2"/>'

    def _weeks(self) -> list[datetime]:
        weeks = -(-(self.ends - self.begins) // WEEK)
        return [self.begins + WEEK * week for week in range(weeks)]

    def _in_week(self, moments: Sequence[datetime], begins: datetime) -> int:
        return sum(begins <= moment < begins + WEEK for moment in moments)

    def _x(self, moment: datetime) -> float:
        share = (moment - self.begins) / (self.ends - self.begins)
        return round(LEFT + min(share, 1) * (WIDTH - LEFT - RIGHT), 1)

    def _y(self, share: float) -> float:
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="#333333">{words}</text>'
    )


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
    )
