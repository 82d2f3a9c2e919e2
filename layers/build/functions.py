"""Builds one function's artifact: its folder as the package ``functions.<name>``, with bytecode."""

import shutil
from collections.abc import Callable
from pathlib import Path

from layers.build import postcodes
from layers.build.packages import compile_bytecode, settle_modes

SOURCES = Path(__file__).resolve().parents[2] / "functions"

DATA: dict[str, dict[str, Callable[[Path], None]]] = {"member": {postcodes.FILE: postcodes.put}}
"""Files that are made and not written, by function and name."""


def build(name: str, artifacts: Path) -> None:
    """Copy functions/*name* to *artifacts*. Raises FileNotFoundError when it has no app.py."""
    source = SOURCES / name
    if not (source / "app.py").is_file():
        raise FileNotFoundError(f"functions/{name}/app.py is missing")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "Makefile")
    shutil.copytree(source, artifacts / "functions" / name, ignore=ignored)
    for file, put in DATA.get(name, {}).items():
        put(artifacts / "functions" / name / file)
    compile_bytecode(artifacts)
    settle_modes(artifacts)
