"""``make run``: the portal on this machine until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from local import demo, stack
from local.demo_people import Person
from local.programs import Programs
from local.progress import Progress
from local.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(environ: Mapping[str, str], progress: Progress) -> int:
    """Bring everything up and serve until a signal; return the exit status."""
    stop_on_signals()
    started = time.monotonic()
    try:
        settings = Settings.from_env(environ)
        progress.say("The member portal on this machine")
        with stack.running(settings, Programs.installed(), environ, progress) as parts:
            progress.say(welcome(settings, demo.wanted(settings), time.monotonic() - started))
            parts.wait()
    except KeyboardInterrupt:
        progress.say("Everything that was started is stopped; the data is kept.")
    except stack.PROBLEMS as problem:
        progress.say(f"\n{problem}")
        return 1
    return 0


def welcome(settings: Settings, people: Sequence[Person], seconds: float) -> str:
    """Return what the person needs to know; the last line holds the address."""
    return "\n".join(
        [
            "",
            *_accounts(settings, people),
            "",
            f"Sent mail can be read at {settings.mailbox}",
            f"The stand-in of GMO is at {settings.gmo}",
            f"Logs are in {settings.logs}",
            "",
            f"Ready after {seconds:.0f} s. Ctrl-C stops everything.",
            f"The portal is at {settings.portal}/member/login",
        ]
    )


def _accounts(settings: Settings, people: Sequence[Person]) -> list[str]:
    if not people:
        return [
            "There are no demo members (DEMO=none): ./portal-ops --stage local members import FILE"
        ]
    return [
        f"Demo accounts (also in {settings.demo_file}):",
        f"  {'for':<18}{'member no.':<12}password",
        *(f"  {one.state:<18}{one.member_no:<12}{one.password}" for one in people),
    ]


def stop_on_signals() -> None:
    """Turn the first signal into KeyboardInterrupt and ignore the ones that follow.

    Set also where the shell started us with SIGINT ignored, as it does in the background. Whoever
    presses Ctrl-C twice must not cut off the clean-up, which writes the data to disk.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.stdout.write("\nStopping …\n")
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(os.environ, Progress()))
