"""Lock files: pinned, hashed, without addresses, and agreeing with each other."""

import re
from pathlib import Path

import pytest

from layers.build import lock
from tests.unit.template.loading import ROOT

LOCKS = [ROOT / f"{name}.txt" for name, _ in lock.SOURCES]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)


def pins(file: Path) -> dict[str, str]:
    found = PIN.findall(file.read_text(encoding="utf-8"))
    return {name.lower().replace("_", "-"): version for name, version in found}


def wanted(file: Path) -> set[str]:
    names = set()
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            names |= wanted((file.parent / line.removeprefix("-r ")).resolve())
        elif line and not line.startswith(("#", "-")):
            names.add(line.partition("[")[0].lower())
    return names


def test_every_lock_file_is_known_to_make_lock() -> None:
    folders = [ROOT / "requirements", ROOT / "layers/common", ROOT / "layers/receipt"]
    assert {file for folder in folders for file in folder.glob("*.txt")} == set(LOCKS)


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_lock_file_holds_no_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--?(index|extra|find|trusted|i )", text, re.MULTILINE)
    assert " @ " not in text


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_pin_has_a_hash(file: Path) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", file.read_text(encoding="utf-8").strip())
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_is_wanted_is_locked(file: Path) -> None:
    assert wanted(file.with_suffix(".in")) <= set(pins(file))


def test_tests_run_with_the_versions_that_are_deployed() -> None:
    developed = pins(ROOT / "requirements/dev.txt")
    for layer in ("common", "receipt"):
        deployed = pins(ROOT / f"layers/{layer}/requirements.txt")
        assert {name: developed[name] for name in deployed} == deployed
