"""Prepares a fresh machine: virtual environments, the receipt's font and a browser for the tests.

``python3.13 local/bootstrap.py`` prepares everything but ``mutation``; with names (``dev sam
ministack mutation font postcodes browser``) only these. What is already there and belongs to the
present lock files is left alone, so a second call takes a moment. Nothing but the standard library
is used: this runs first.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
FONTS = TOOLS / "fonts"
BROWSERS = TOOLS / "browsers"
PYTHON = (3, 13)

FONT_LOCK = ROOT / "layers/receipt/font.txt"
FONT_SHA256 = "3b9955a5e437ffb24c41548e79296fa724822da21ee75dc1b94f6ccdb8f400dd"
FONT_FILES = ("ipaexg.ttf", "IPA_Font_License_Agreement_v1.0.txt")

_REMOVED = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"}
    # These would send pip's packages elsewhere or change the interpreter it runs in.
    | {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"}
    | {"PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONWARNINGS"}
)
_BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_REPORT_EVERY = 10.0
"""Seconds between two signs of life of a long step when the output is not a terminal."""


class SetupFailed(Exception):
    """A step could not be done; the text says which and what the person can do."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the lock file that says what is in it."""

    name: str
    folder: Path
    lock: Path
    asked_for: bool = False
    """Made only when it is named: most people at the keyboard never need it."""

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last; holds what the environment was made from."""
        return self.folder / ".made-from"


ENVIRONMENTS = (
    Environment("dev", ROOT / ".venv", ROOT / "requirements/dev.txt"),
    Environment("sam", TOOLS / "sam", ROOT / "requirements/sam.txt"),
    Environment("ministack", TOOLS / "ministack", ROOT / "requirements/ministack.txt"),
    Environment("mutation", TOOLS / "mutation", ROOT / "requirements/mutation.txt", asked_for=True),
    *(
        Environment(name, TOOLS / name, ROOT / f"requirements/{name}.txt", asked_for=True)
        for name in ("wapiti", "schemathesis", "codecheck")
    ),
)
OBSERVATORY = TOOLS / "observatory"
OBSERVATORY_LOCK = ROOT / "requirements/observatory"


def cleaned(environ: Mapping[str, str]) -> dict[str, str]:
    """Return *environ* without AWS_*, proxy and other variables that lead installs astray."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith("AWS_") and name.upper() not in _REMOVED
    }
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def make_environment(environment: Environment) -> None:
    """Make the virtual environment unless it was already made from the present lock file.

    Raises SetupFailed when Python's venv or pip fails.
    """
    wanted = fingerprint(environment)
    if environment.stamp.exists() and environment.stamp.read_text() == wanted:
        return
    count = _pins(environment.lock)
    label = f"{environment.folder.relative_to(ROOT)}: {count} packages"
    _create_venv(environment, label)
    _run(_install_command(environment), label=label)
    environment.stamp.write_text(wanted)


def make_font() -> None:
    """Put IPAexGothic and its licence under .tools/fonts, out of the pinned package."""
    put_font(ENVIRONMENTS[0].python, FONTS)


def make_postcodes() -> None:
    """Make the postcode file under .tools/postcodes, out of the pinned package."""
    command = [str(ENVIRONMENTS[0].python), "-m", "layers.build.postcodes"]
    _run(command, label="the postcode file")


def make_observatory() -> None:
    """Install MDN's HTTP Observatory under .tools/observatory, where there is npm."""
    npm = shutil.which("npm")
    if npm is None:
        _say("  no npm here: `make audit` leaves the HTTP Observatory out")
        return
    wanted = (OBSERVATORY_LOCK / "package-lock.json").read_text()
    stamp = OBSERVATORY / ".made-from"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    OBSERVATORY.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(OBSERVATORY_LOCK / name, OBSERVATORY / name)
    # Without its scripts, which would fetch lists from the net when it is installed.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    _run([*command, "--prefix", str(OBSERVATORY)], label=".tools/observatory")
    preloaded = "node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json"
    # One of these lists: the sites that browsers know to speak https. Ours is not among them.
    (OBSERVATORY / preloaded).write_text("{}")
    stamp.write_text(wanted)


def put_font(python: Path, target: Path) -> None:
    """Write font and licence to *target*, from .tools/fonts or with *python*'s pip.

    Raises SetupFailed when the package cannot be had or holds another font.
    """
    if _is_font(target):
        return
    target.mkdir(parents=True, exist_ok=True)
    if _is_font(FONTS):
        for name in FONT_FILES:
            shutil.copyfile(FONTS / name, target / name)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--only-binary=:all:", "--requirement", str(FONT_LOCK), "--dest", folder]
        _run(command, label="the receipt's font")
        _unpack_font(next(Path(folder).glob("*.whl")), target)
    if not _is_font(target):
        raise SetupFailed(f"{FONT_LOCK.relative_to(ROOT)} no longer brings the expected font")


def _unpack_font(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in FONT_FILES:
            partial = target / f"{name}.partial"
            partial.write_bytes(archive.read(f"matplotlib_fontja/fonts/{name}"))
            partial.replace(target / name)


def _is_font(folder: Path) -> bool:
    font, licence = (folder / name for name in FONT_FILES)
    if not font.exists() or not licence.exists():
        return False
    return hashlib.sha256(font.read_bytes()).hexdigest() == FONT_SHA256


def chromium() -> Path | None:
    """Return a Chromium or Chrome that starts, or None."""
    return next((path for path in _browser_candidates() if _starts(path)), None)


def make_browser() -> None:
    """See to it that there is a browser for the tests; raise SetupFailed when none can be had."""
    if chromium() is not None:
        return
    for install in (_install_debian_browser, _install_playwright_browser):
        install()
        if chromium() is not None:
            return
    raise SetupFailed(
        "no Chromium for the browser tests: install the package chromium "
        "(Debian: apt-get install chromium) or Google Chrome, then start again"
    )


def _browser_candidates() -> Iterator[Path]:
    for name in _BROWSER_NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)
    yield from (Path(path) for path in _MAC_BROWSERS if Path(path).exists())
    for pattern in ("*/chrome-linux*/chrome", "*/chrome-mac*/*.app/Contents/MacOS/*"):
        yield from sorted(BROWSERS.glob(pattern))


def _starts(path: Path) -> bool:
    # Ubuntu's chromium-browser may be a script that only asks for a snap: try it.
    try:
        command = [str(path), "--version"]
        tried = subprocess.run(command, check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _install_debian_browser() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    try:
        _run(["apt-get", "update"], label="package lists", extra=quiet)
        _run(install, label="Chromium", extra=quiet)
    except SetupFailed as failure:
        _say(f"{failure}\nTrying Playwright's own Chromium instead.")


def _install_playwright_browser() -> None:
    python = str(ENVIRONMENTS[0].python)
    place = {"PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)}
    try:
        command = [python, "-m", "playwright", "install", "chromium"]
        _run(command, label="Playwright's Chromium", extra=place)
    except SetupFailed as failure:
        _say(str(failure))


def fingerprint(environment: Environment) -> str:
    """Return what *environment* would be made from now, as a digest."""
    # Scripts of a virtual environment hold its absolute path, so a moved one is made anew.
    parts = (environment.lock.read_bytes(), sys.version.encode(), str(environment.folder).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _pins(lock: Path) -> int:
    return sum("==" in line for line in lock.read_text().splitlines() if line[:1].isalnum())


def _create_venv(environment: Environment, label: str) -> None:
    environment.folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        command = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
        _run(command, label=f"{label}, made empty")
    except SetupFailed as failure:
        hint = "On Debian and Ubuntu the package python3.13-venv is needed."
        raise SetupFailed(f"{failure}\n{hint}") from None


def _install_command(environment: Environment) -> list[str]:
    command = [str(environment.python), "-m", "pip", "install", "--require-hashes", "--no-deps"]
    return [*command, "--only-binary=:all:", "--requirement", str(environment.lock)]


def _run(command: Sequence[str], *, label: str, extra: Mapping[str, str] | None = None) -> None:
    """Run *command* quietly with signs of life. Raises SetupFailed with its last lines."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=cleaned(os.environ) | dict(extra or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _wait(process, label, started)
        output.seek(0)
        tail = output.read().decode(errors="replace").splitlines()[-15:]
    if process.returncode:
        raise SetupFailed("\n".join([f"{label}: failed", f"  {' '.join(command)}", *tail]))
    _say(f"  {label} ({time.monotonic() - started:.0f} s)")


def _wait(process: "subprocess.Popen[bytes]", label: str, started: float) -> None:
    told = started
    try:
        while process.poll() is None:
            time.sleep(0.1)
            if time.monotonic() - told >= _REPORT_EVERY:
                told = time.monotonic()
                _say(f"  {label} … {told - started:.0f} s")
    except BaseException:
        process.terminate()
        process.wait()
        raise


@contextmanager
def _alone() -> Iterator[None]:
    """Let one set-up at a time write: `make run` and `make test` may start together."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _steps(names: Sequence[str]) -> list[Callable[[], None]]:
    steps: dict[str, Callable[[], None]] = {
        environment.name: partial(make_environment, environment) for environment in ENVIRONMENTS
    }
    steps |= {"font": make_font, "postcodes": make_postcodes, "browser": make_browser}
    steps |= {"observatory": make_observatory}
    unknown = set(names) - set(steps)
    if unknown:
        raise SetupFailed(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(steps)}")
    asked_for = {one.name for one in ENVIRONMENTS if one.asked_for} | {"observatory"}
    wanted = names or set(steps) - asked_for
    return [step for name, step in steps.items() if name in wanted]


def _check_python() -> None:
    if sys.version_info[:2] != PYTHON:
        have, need = sys.version.split()[0], ".".join(map(str, PYTHON))
        raise SetupFailed(f"Python {need} is needed and this is {have}: set PYTHON=… for make")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(names: Sequence[str]) -> int:
    """Do the named steps, or all; return the exit status."""
    try:
        _check_python()
        with _alone():
            for step in _steps(names):
                step()
    except SetupFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
