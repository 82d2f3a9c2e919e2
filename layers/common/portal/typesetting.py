"""Sets a Typst template as a PDF that a screen reader can read (PDF/UA-1), with its font embedded.

Values travel as JSON through the typesetter's inputs, so nothing a member typed can become markup,
and a character that the font lacks is replaced by rule (``portal.glyphs``) and never an error.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from portal.glyphs import covered, printable

if TYPE_CHECKING:
    import typst

FONT_FILE = "ipaexg.ttf"

type Content = str | int | float | bool | Sequence["Content"] | Mapping[str, "Content"] | None
"""What a template is given."""


class Typesetter:
    """Sets *source* with the font in *fonts*. Keep one per process: the font is read once."""

    def __init__(self, source: Path, fonts: Path) -> None:
        self._source = source
        self._fonts = fonts

    def pdf(self, name: str, content: Content, at: datetime) -> bytes:
        """Return the document. The template reads *content* from the input *name*.

        *at* is its creation date, so that the same content gives the same bytes.
        """
        made = self._compiler.compile(
            format="pdf",
            sys_inputs={name: self._text(content)},
            pdf_standards=["ua-1"],
            # A PDF's dates know whole seconds only, and the typesetter refuses what is between.
            timestamp=at.replace(microsecond=0),
        )
        if not isinstance(made, bytes):
            raise TypeError("the typesetter gave no single document")
        return made

    def _text(self, content: Content) -> str:
        shown = _printable(content, covered(self._fonts / FONT_FILE))
        return json.dumps(shown, ensure_ascii=False, sort_keys=True)

    @cached_property
    def _compiler(self) -> "typst.Compiler":
        import typst  # 84 MB that only what is printed needs.

        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[self._fonts]
        )
        return typst.Compiler(self._source, font_paths=fonts, ignore_system_fonts=True)


def _printable(value: Content, glyphs: frozenset[int]) -> Content:
    match value:
        case str():
            return printable(value, glyphs)
        case Mapping():
            return {name: _printable(one, glyphs) for name, one in value.items()}
        case Sequence():
            return [_printable(one, glyphs) for one in value]
        case _:
            return value
