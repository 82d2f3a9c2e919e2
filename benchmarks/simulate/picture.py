"""The year as a picture, drawn as the office's reports are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.report.picture import FONTS, SCHEMA, Chart, svg

WEEK = timedelta(days=7)
CARD, STORE = "by card, a week", "at a store, a week"
SHARE, SILENT = "share of members who paid (right)", "GMO gives no answer"
COLOURS = {CARD: "#2f6fab", STORE: "#e0932f", SHARE: "#333333", SILENT: "#c23b3b"}
HEIGHT = 340
POINTS = 400
"""Points of the line, at most."""

type Value = Mapping[str, object]


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
        return svg(self.chart())

    def chart(self) -> Chart:
        """Return what is drawn, in the words of Vega-Lite."""
        return {
            "$schema": SCHEMA,
            "title": self.title,
            "width": 840,
            "height": HEIGHT,
            "config": {"font": FONTS},
            "layer": [self._weeks(), self._line(), self._silent()],
            "resolve": {"scale": {"y": "independent"}},
        }

    def _weeks(self) -> Value:
        y = {"field": "from", "type": "quantitative", "title": "payments a week"}
        return {
            "data": {"values": list(self._bars())},
            "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5},
            "encoding": {**_IN_TIME, "y": y, "y2": {"field": "to"}, "color": _COLOUR},
        }

    def _bars(self) -> Iterator[Value]:
        begins = self.begins
        while begins < self.ends:
            ends, reached = begins + WEEK, 0
            for kind, moments in ((CARD, self.card), (STORE, self.store)):
                came = sum(begins <= moment < ends for moment in moments)
                yield {**_span(begins, ends), "kind": kind, "from": reached, "to": reached + came}
                reached += came
            begins = ends

    def _line(self) -> Value:
        share = {
            "field": "share",
            "type": "quantitative",
            "title": None,
            "scale": {"domain": [0, 1]},
            "axis": {"format": ".0%", "orient": "right", "grid": False},
        }
        return {
            "data": {"values": list(self._shares())},
            "mark": {"type": "line"},
            "encoding": {"x": _TIME, "y": share, "color": _COLOUR},
        }

    def _shares(self) -> Iterator[Value]:
        yield {"begins": self.begins.isoformat(), "kind": SHARE, "share": 0}
        moments = sorted([*self.card, *self.store])
        for place, moment in enumerate(moments, 1):
            if place % max(self.members // POINTS, 1) == 0 or place == len(moments):
                share = place / self.members
                yield {"begins": moment.isoformat(), "kind": SHARE, "share": share}

    def _silent(self) -> Value:
        values = [{**_span(begins, ends), "kind": SILENT} for begins, ends in self.silences]
        # A silence of an hour is narrower than a point, so it has an edge.
        return {
            "data": {"values": values},
            "mark": {"type": "rect", "stroke": COLOURS[SILENT]},
            "encoding": {
                **_IN_TIME,
                "y": {"value": HEIGHT - 8},
                "y2": {"value": HEIGHT},
                "color": _COLOUR,
            },
        }


_TIME: Value = {
    "field": "begins",
    "type": "temporal",
    "scale": {"type": "utc"},
    "axis": {"format": "%b %Y"},
    "title": None,
}
_IN_TIME: Value = {"x": _TIME, "x2": {"field": "ends"}}
_COLOUR: Value = {
    "field": "kind",
    "type": "nominal",
    "title": None,
    "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
    "legend": {"orient": "top", "labelLimit": 300},
}


def _span(begins: datetime, ends: datetime) -> Value:
    return {"begins": begins.isoformat(), "ends": ends.isoformat()}
