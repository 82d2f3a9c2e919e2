"""The Big List of Naughty Strings: 461 texts that have broken other people's programs.

By Max Woolf (MIT, tests/fixtures/blns/LICENSE), as the npm package big-list-of-naughty-strings
1.0.0 carries it, unchanged.
"""

import json
from pathlib import Path

_FILE = Path(__file__).parent / "fixtures" / "blns" / "blns.json"

NAUGHTY: tuple[str, ...] = tuple(dict.fromkeys(json.loads(_FILE.read_text(encoding="utf-8"))))
"""Each once, in the list's order; the first is the empty text."""


def spread(count: int) -> tuple[str, ...]:
    """Return *count* of them from all over the list, always the same."""
    return NAUGHTY[:: max(1, len(NAUGHTY) // count)][:count]
