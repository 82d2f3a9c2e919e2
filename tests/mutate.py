"""Mutation testing of what decides about money: every small change must turn a test red.

``make mutate`` runs mutmut over MODULES in a copy of the tree (``.mutation``, never in the tree
itself) with the tests of billing, then prints a table and what survived. ``MODULES="judge ask"``
takes some. Stopped with Ctrl-C it goes on where it was, unless code or tests were changed since.
A survivor that no test can see is explained in docs/mutation.md; any other ends it with 1.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".mutation"
DOCUMENT = ROOT / "docs" / "mutation.md"
BILLING = "portal/billing"
MODULES = (
    "judge",
    "settle",
    "ask",
    "model",
    "hints",
    "reattach",
    "asking",
    "open_payment",
    "terms",
    "dues",
    "rates",
    "bill_again",
    "office",
    "reminders",
    "remind",
)
TESTS = "tests/unit/billing"
LEFT_OUT = (
    "random",
    "sums",
    "arrears",
    "doc",
    "door",
    "function",
    "file",
)
"""Parts of the names of test files that take long, or that are about what is not mutated here."""

NOT_MUTATED = (r"logger\.", r"raise \w+\(")
"""Lines of which nothing depends on the words: log lines and the texts of exceptions."""

EVERY = 10.0
"""Seconds between two lines of progress."""

_MUTANT = re.compile(r"portal\.billing\.(?P<module>\w+)\.x(?P<function>.+)__mutmut_\d+")
_COUNT = re.compile(r"(\d+/\d+)[^\r\n]*🙁 (\d+)")


@dataclass(frozen=True)
class Mutation:
    """One change of one function: the lines taken away and those put in their place, stripped."""

    module: str
    function: str
    removed: tuple[str, ...]
    added: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"- {line}" for line in self.removed] + [f"+ {line}" for line in self.added]
        return "\n".join([f"@@ {self.module}.{self.function}", *lines])


def explained(document: str) -> list[Mutation]:
    """Return the survivors that docs/mutation.md explains.

    Under a heading ``### module.py`` each block ```` ```diff ```` holds changes, apart from each
    other by a line ``@@ function``.
    """
    found = []
    for section in re.split(r"^### ", document, flags=re.MULTILINE)[1:]:
        module = section.partition(".py")[0]
        for block in re.findall(r"^```diff\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
            for change in re.split(r"^@@ ", block, flags=re.MULTILINE)[1:]:
                function, _, lines = change.partition("\n")
                found.append(mutation(module, function.strip(), lines))
    return found


def mutation(module: str, function: str, diff: str) -> Mutation:
    """Read the changed lines of a unified diff without its head."""
    lines = [line for line in diff.splitlines() if line[:1] in "+-" and line.strip()]
    return Mutation(
        module,
        function,
        tuple(line[1:].strip() for line in lines if line[0] == "-"),
        tuple(line[1:].strip() for line in lines if line[0] == "+"),
    )


def prepare(modules: Sequence[str]) -> None:
    """Copy what is needed to WORK, unless the copy is of the same code and tests already."""
    files = dict(_files())
    settings = _settings(modules)
    digest = hashlib.sha256(settings.encode())
    for target, source in files.items():
        digest.update(str(target).encode() + b"\0" + source.read_bytes())
    made_from = WORK / ".made-from"
    if made_from.exists() and made_from.read_text() == digest.hexdigest():
        return
    shutil.rmtree(WORK, ignore_errors=True)
    for target, source in files.items():
        (WORK / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, WORK / target)
    (WORK / "pyproject.toml").write_text(settings, "utf-8")
    made_from.write_text(digest.hexdigest())


def _files() -> Iterator[tuple[Path, Path]]:
    """Yield what is copied, by its place in the copy: there the package portal stands in src."""
    yield Path("src/portal/society.toml"), ROOT / "society.toml"
    places = {"src/portal": "layers/common/portal"}
    places |= {folder: folder for folder in ("functions", "ops", "local", "tests/fixtures")}
    for place, folder in places.items():
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield Path(place) / file.relative_to(ROOT / folder), file
    # The desk of the member's tests makes the member whose receipt a re-attached payment is.
    shared = [*ROOT.glob("tests/*.py"), ROOT / "tests/unit/members/desk.py"]
    for file in sorted([*shared, *ROOT.glob(f"{TESTS}/*.py")]):
        yield file.relative_to(ROOT), file


def _tests() -> list[str]:
    found = sorted(file.name for file in (ROOT / TESTS).glob("test_*.py"))
    return [f"{TESTS}/{name}" for name in found if not any(part in name for part in LEFT_OUT)]


def _settings(modules: Sequence[str]) -> str:
    """Return the copy's pyproject.toml. mutmut wants the package in src, and a suite in order."""
    settings: dict[str, dict[str, object]] = {
        "pytest": {
            "addopts": ["--import-mode=importlib", "--allow-hosts=127.0.0.1"],
            "pythonpath": ["."],
            "timeout": "60",
        },
        "mutmut": {
            "source_paths": ["src"],
            "also_copy": ["functions", "ops", "local"],
            "only_mutate": [f"src/{BILLING}/{module}.py" for module in modules],
            "do_not_mutate_patterns": NOT_MUTATED,
            "pytest_add_cli_args": ["-p", "no:cacheprovider"],
            "pytest_add_cli_args_test_selection": _tests(),
        },
    }
    # What JSON writes of texts and lists of texts is TOML too.
    lines = []
    for name, section in settings.items():
        lines.append(f"[tool.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in section.items()]
    return "\n".join(lines)


def run() -> int:
    """Run mutmut on every core with a line of progress now and then; return its status."""
    command = [_mutmut(), "run", "--max-children", str(os.process_cpu_count() or 1)]
    told, tail = time.monotonic(), ""
    with subprocess.Popen(
        command, cwd=WORK, env=_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        output = process.stdout
        while output and (read := os.read(output.fileno(), 65536)):
            tail = (tail + read.decode(errors="replace"))[-4000:]
            if time.monotonic() - told >= EVERY and (seen := _COUNT.findall(tail)):
                told = time.monotonic()
                _say(f"  {seen[-1][0]} mutants, {seen[-1][1]} survived so far")
    if process.returncode:
        _say(tail)
    return process.returncode


def verdicts() -> Mapping[str, str]:
    """Return each mutant's name with what became of it, in mutmut's words."""
    lines = _told("results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if ": " in line)


def shown(name: str) -> Mutation:
    """Return what the mutant *name* changed."""
    module, function = _place(name)
    return mutation(module, function, _told("show", name).partition("@@")[2])


def table(verdict_of: Mapping[str, str], known: Counter[str]) -> str:
    """Return the figures by module; *known* counts the explained survivors."""
    rows: list[tuple[object, ...]] = [("module", "mutants", "killed", "survived", "explained")]
    counted = Counter((_place(name)[0], verdict) for name, verdict in verdict_of.items())
    for module in [one for one in MODULES if any(key[0] == one for key in counted)]:
        total = sum(number for key, number in counted.items() if key[0] == module)
        killed = counted[module, "killed"] + counted[module, "timeout"]
        rows.append((module, total, killed, total - killed, known[module]))
    sums = (sum(column) for column in zip(*(row[1:] for row in rows[1:]), strict=True))
    rows.append(("all", *sums))
    return "\n".join("| {:<12} | {:>7} | {:>6} | {:>8} | {:>9} |".format(*row) for row in rows)


def main(modules: Sequence[str]) -> int:
    """Mutate *modules*, or all; return 1 when a survivor is not explained."""
    started = time.monotonic()
    prepare(modules or MODULES)
    if run():
        return 1
    outcome = verdicts()
    survivors = [name for name, verdict in outcome.items() if verdict not in ("killed", "timeout")]
    with ThreadPoolExecutor() as threads:
        changes = list(threads.map(shown, survivors))
    reasons = set(explained(DOCUMENT.read_text("utf-8")))
    new = [change for change in changes if change not in reasons]
    for change in new:
        _say(f"\n{change}")
    known = Counter(change.module for change in changes if change in reasons)
    _say(f"\n{table(outcome, known)}\n\n{time.monotonic() - started:.0f} s")
    for stale in reasons - set(changes):
        if stale.module in (modules or MODULES):
            _say(f"explained, but killed or not made any more:\n{stale}")
    return 1 if new else 0


def _place(name: str) -> tuple[str, str]:
    """Return module and function of a mutant's name; mutmut writes ``xǁClassǁmethod``, ``x_f``."""
    found = _MUTANT.fullmatch(name)
    if found is None:
        raise ValueError(f"not a mutant: {name}")
    function = found["function"]
    method = function.strip("ǁ").replace("ǁ", ".")
    return found["module"], method if function.startswith("ǁ") else function[1:]


def _told(*arguments: str) -> str:
    return subprocess.run(
        [_mutmut(), *arguments],
        cwd=WORK,
        env=_environ(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _mutmut() -> str:
    return str(Path(sys.executable).with_name("mutmut"))


def _environ() -> dict[str, str]:
    gone = {"PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        _say("stopped; the same command goes on from here")
        sys.exit(130)
