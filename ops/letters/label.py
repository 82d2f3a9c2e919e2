"""Address labels on A4 sheets, for letters that need another envelope (L2)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ops.letters.address import Address
from ops.letters.layout import layout
from portal.typesetting import Content, Typesetter

SOURCE = Path(__file__).with_name("labels.typ")


class LabelPrinter:
    """Prints labels. *author* is the society, *fonts* the folder of the font."""

    def __init__(self, author: str, fonts: Path) -> None:
        self._author = author
        self._typesetter = Typesetter(SOURCE, fonts)
        self._sheet = layout().labels

    @property
    def a_sheet(self) -> int:
        """How many labels a sheet has."""
        return int(self._sheet["columns"] * self._sheet["rows"])

    def pdf(self, addresses: Sequence[Address], at: datetime) -> bytes:
        """Return the sheets, row by row from the upper left."""
        content: Content = {
            "title": "宛名ラベル",
            "author": self._author,
            "sheet": self._sheet,
            "labels": [one.content() for one in addresses],
        }
        return self._typesetter.pdf("labels", content, at)
