"""The numbers of layout.toml, and the one place of a letter that is always seen in the window."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("layout.toml")
PAPER_WIDTH = 210.0
"""Millimetres, of A4."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the paper, in millimetres from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """*address* is where the address stands, *folds* where the paper is folded, *labels* as said
    in the file.
    """

    address: Box
    folds: tuple[float, ...]
    labels: dict[str, float]


def layout(file: Path = FILE) -> Layout:
    """Read the numbers. Raises KeyError naming what is missing."""
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    envelope, window = raw["envelope"], raw["window"]
    folds = tuple(float(one) for one in raw["letter"]["folds"])
    # The folded paper is smaller than its envelope and slides in it by so much, so that only the
    # window less the play is seen wherever the paper lies.
    sideways = envelope["width"] - PAPER_WIDTH
    downwards = envelope["height"] - folds[0]
    margin = window["margin"]
    address = Box(
        left=window["left"] + margin,
        top=window["top"] + margin,
        width=window["width"] - sideways - 2 * margin,
        height=window["height"] - downwards - 2 * margin,
    )
    return Layout(address, folds, {name: float(one) for name, one in raw["labels"].items()})
