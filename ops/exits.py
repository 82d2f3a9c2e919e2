"""What a command's exit status says; docs/office.md has the same table."""

from enum import IntEnum


class Status(IntEnum):
    """Exit status of ``portal-ops``."""

    DONE = 0
    """Done, or looked at where ``--yes`` was not given."""
    REFUSED = 1
    """Not done, and nothing was changed; the text says why."""
    USAGE = 2
    """What was typed is no command."""
    PARTLY = 3
    """Done, but not for each row; what was left out is told."""
    DENIED = 4
    """AWS does not let this person do it, or knows nobody."""
    UNKNOWN = 5
    """Perhaps done, perhaps not: no answer, or a fault nobody foresaw. Typed again it is safe."""
    STOPPED = 130
    """Ctrl-C. What was written before stays; typing it again goes on."""
