"""Builds the two layers: what every function imports, and the receipt's typesetter and font."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from layers.build import botocore_data
from layers.build.packages import Target, compile_bytecode, install, settle_modes, strip
from local.bootstrap import put_font

ROOT = Path(__file__).resolve().parents[2]
COMMON = ROOT / "layers/common"
RECEIPT = ROOT / "layers/receipt"


def common(folder: Path, target: Target) -> None:
    """Build the layer of all functions: packages, ``portal``, compiled templates, society.toml."""
    install(COMMON / "requirements.txt", folder, target)
    strip(folder)
    botocore_data.trim(folder / "botocore/data")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(COMMON / "portal", folder / "portal", ignore=ignored)
    shutil.copy(ROOT / "society.toml", folder / "portal/society.toml")
    compile_templates(folder)
    compile_bytecode(folder)
    settle_modes(folder)


def receipt(folder: Path, target: Target) -> None:
    """Build the layer of the receipt function: typst and IPAexGothic with its licence."""
    install(RECEIPT / "requirements.txt", folder, target)
    strip(folder)
    put_font(Path(sys.executable), folder / "fonts")
    compile_bytecode(folder)
    settle_modes(folder)


def compile_templates(folder: Path) -> None:
    """Turn the templates in *folder* into Python modules with the very packages it ships."""
    # A fixed hash seed keeps the generated code the same from build to build.
    environ = {**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}
    script = Path(__file__).with_name("compile_templates.py")
    command = [sys.executable, "-P", "-B", str(script), str(folder)]
    subprocess.run(command, check=True, env=environ)
    for templates in ("web/templates", "mail/templates"):
        shutil.rmtree(folder / "portal" / templates)


BUILDERS: dict[str, Callable[[Path, Target], None]] = {"common": common, "receipt": receipt}
"""The layers by the names of their folders."""
