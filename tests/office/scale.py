"""Many members imported and billed on a local stack, killed in the middle and finished by typing
the same again: ``make office MEMBERS=20000``.

What is looked at afterwards is the tables themselves: each number once, each member's year once,
one audit row for each act. Meanwhile the command's memory is measured.
"""

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from portal.clock import jst_date, utc_now
from tests.office import people
from tests.office.desk import OfficeDesk
from tests.office.years import year_of
from tests.stackfixture import fresh_stack, opened

SIGNED = ("--by", "山田", "--reason", "年度のはじめ", "--yes")
YEAR = year_of(jst_date(utc_now())) + 1
"""The next year: its rule's due day is ahead, whenever this is played."""
_RSS = re.compile(r"VmRSS:\s+(\d+) kB")
MEGABYTE = 1024


@dataclass(frozen=True)
class Run:
    """One run of a command: how long, how much memory early and at most, whether it was killed."""

    name: str
    seconds: float
    early_mb: float
    most_mb: float
    killed_at: int | None
    status: int

    def line(self) -> str:
        """Return it in one line."""
        end = "finished" if self.killed_at is None else f"killed -9 at {self.killed_at:,} rows"
        return (
            f"{self.name:<22}{self.seconds:7.0f} s  memory {self.early_mb:.0f} MB early, "
            f"{self.most_mb:.0f} MB at most, {end}"
        )


class Wrong(AssertionError):
    """The tables do not hold what they should."""


def played(desk: OfficeDesk, members: int, say: Callable[[str], None]) -> list[Run]:
    """Import and bill so many members, each killed once. Raises Wrong."""
    file = desk.folder / "members.csv"
    people.write(file, members)
    taken = ("members", "import", str(file), *SIGNED)
    billed = ("dues", "issue", "--year", str(YEAR), *SIGNED)
    runs = []
    for name, words, done in (
        ("import", taken, lambda: desk.count("Credentials")),
        ("dues issue", billed, lambda: desk.count("Billing", sk="INV#")),
    ):
        for kill_at in (members * 2 // 5, None):
            run = _run(desk, name, words, done, kill_at)
            runs.append(run)
            say(run.line())
        _held(desk, members)
    return runs


def _run(
    desk: OfficeDesk,
    name: str,
    words: Sequence[str],
    done: Callable[[], int],
    kill_at: int | None,
) -> Run:
    began, seen, killed, before = time.monotonic(), [0.0], None, done() if kill_at else 0
    with desk.begins(*words, log=desk.folder / "run.log") as child:
        while child.poll() is None:
            seen.append(_memory(child.pid))
            if kill_at is not None and (rows := done() - before) >= kill_at:
                child.kill()
                killed = rows
                child.wait()
            time.sleep(0.2)
    if (killed is None) != (kill_at is None) or (killed is None and child.returncode != 0):
        raise Wrong(f"{name}: {(desk.folder / 'run.log').read_text(encoding='utf-8')}")
    early = max(seen[: len(seen) // 4 + 1])
    return Run(name, time.monotonic() - began, early, max(seen), killed, child.returncode)


def _memory(pid: int) -> float:
    try:
        found = _RSS.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(found.group(1)) / MEGABYTE if found else 0.0


def _held(desk: OfficeDesk, members: int) -> None:
    """Look for what is missing or there twice among the members of the file. Raises Wrong."""
    mine = {people.number(serial) for serial in range(1, members + 1)}
    profiles = [row for row in desk.rows("Members", sk="PROFILE") if row["member_no"] in mine]
    _once("member", Counter(str(row["member_no"]) for row in profiles), members)
    ids = {str(row["pk"]) for row in profiles}
    credentials = Counter(str(row["member_id"]) for row in desk.rows("Credentials"))
    _once("credential", Counter({one: credentials[one] for one in ids}), members)
    billed = Counter(
        str(row["pk"])
        for row in desk.rows("Billing", sk="INV#")
        if row["pk"] in ids and row["fiscal_year"] == YEAR
    )
    if billed:
        _once("invoice", billed, members)
    acts = Counter(
        (str(row["pk"]), str(row["action"])) for row in desk.rows("Audit") if row["pk"] in ids
    )
    twice = [action for (_, action), times in acts.items() if times > 1]
    if twice:
        raise Wrong(f"{len(twice):,} acts are in the audit twice, such as {twice[0]}")


def _once(what: str, found: Counter[str], members: int) -> None:
    twice = sum(times != 1 for times in found.values())
    if twice or len(found) != members:
        raise Wrong(f"{what}: {len(found):,} of {members:,}, {twice:,} not once")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Play it on a stack of its own and print what was measured."""
    typed = argparse.ArgumentParser(description=__doc__)
    typed.add_argument("--members", type=int, default=20_000)
    members: int = typed.parse_args(arguments).members
    with fresh_stack(os.environ, demo=False) as demo, TemporaryDirectory() as folder:
        played(OfficeDesk(opened(demo), demo.parent, Path(folder)), members, _say)
    _say(f"{members:,} members and their invoices: none missing, none twice")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
