"""The machine that the portal's code runs on here: it dies, loses answers, and does two things.

Every call of a port (database, GMO, SES) passes :meth:`Machine.enter`. There another process may
go on first, and there the fault strikes that was armed for this call of this process.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from random import Random


class Crash(BaseException):
    """The process is gone: no handler of the code under test may catch this."""


class Fault(Enum):
    """How one call of a port goes wrong, whichever port it is."""

    CRASH_BEFORE = "the process dies before it happens"
    CRASH_AFTER = "it happens, and the process dies"
    BUSY = "throttled, contended, busy: it does not happen"
    LOST = "no answer, and it did not happen"
    UNHEARD = "no answer, but it did happen"
    REFUSED = "said no; to a client that repeats itself: its own first write stands in the way"


CRASHES = frozenset({Fault.CRASH_BEFORE, Fault.CRASH_AFTER})


@dataclass
class Process:
    """One run of a function. *armed* has the fault of its n-th call of a port."""

    armed: dict[int, Fault] = field(default_factory=dict)
    lagging: bool = False
    """Whether its reads of indexes show what was true a while ago."""
    calls: int = 0
    crashed: bool = False
    unmarked: str = ""
    """The mail that SES has taken from this process and that it has still to mark."""
    hits: int = 0
    """How many faults struck since then."""


class Machine:
    """Knows which process runs now. Outside of a race there is only one."""

    def __init__(self) -> None:
        self.process = Process()
        self.race: Race | None = None
        self.calls = 0

    def enter(self) -> Fault | None:
        """Let others go on first, and return the fault that strikes this call."""
        if self.race is not None:
            self.race.pause()
        process = self.process
        self.calls += 1
        process.calls += 1
        fault = process.armed.pop(process.calls, None)
        process.hits += fault is not None
        process.crashed = process.crashed or fault in CRASHES
        return fault


@dataclass
class Runner:
    """One process of a race, in a thread that runs only while it holds the baton."""

    process: Process
    work: Callable[[], object]
    baton: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    done: bool = False
    error: BaseException | None = None


class Race:
    """Runs several processes at once, one at a time; *random* says at each call who goes on.

    Threads are used only to keep each one's place: none ever runs beside another, so the same
    *random* gives the same order.
    """

    def __init__(self, machine: Machine, random: Random) -> None:
        self._machine = machine
        self._random = random
        self._judge = threading.Semaphore(0)
        self._running: Runner | None = None

    def run(self, runners: Sequence[Runner]) -> None:
        """Run all to their ends; raises what the first of them raised."""
        before, self._machine.race = self._machine.process, self
        # Daemons: whoever stops a life in the middle (Hypothesis does, by the draw of who goes on)
        # leaves runners waiting for a baton that nobody hands them any more.
        threads = [
            threading.Thread(target=self._thread, args=(one,), daemon=True) for one in runners
        ]
        for thread in threads:
            thread.start()
        try:
            while left := [one for one in runners if not one.done]:
                self._running = self._random.choice(left)
                self._machine.process = self._running.process
                self._running.baton.release()
                self._judge.acquire()
        finally:
            self._machine.process, self._machine.race = before, None
        for thread in threads:
            thread.join()
        for error in [one.error for one in runners if one.error]:
            raise error

    def pause(self) -> None:
        """Hand the baton back and wait for it."""
        mine = self._running
        assert mine is not None
        self._judge.release()
        mine.baton.acquire()

    def _thread(self, runner: Runner) -> None:
        runner.baton.acquire()
        try:
            runner.work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the race was begun
            runner.error = error
        runner.done = True
        self._judge.release()
