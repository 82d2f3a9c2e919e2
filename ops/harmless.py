"""Makes of what others typed a text that steers no terminal.

A name, a file's cell or what came in at GMO's door may hold signs that move the cursor, recolour a
line or turn the order of letters round, so that the office reads what is not there.
"""

import re

# Controls but tab and line feed, what turns the writing direction, separators of lines, and halves
# of pairs, which cannot be written at all.
_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_IN_CELLS = re.compile(r"[\t\n]")


def harmless(text: str) -> str:
    r"""Return a text whose steering signs are spelled as ``\u001b``, which JSON reads as before."""
    return _STEERING.sub(_spelled, text)


def in_cell(text: str) -> str:
    """Return a harmless text of one line, as a cell of a table has it."""
    return _IN_CELLS.sub(" ", harmless(text))


def _spelled(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04x}"
