"""What is deployed, built here: the same bytes each time, and startable from them alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from layers.build import functions, layers
from layers.build.__main__ import snake
from layers.build.packages import Target
from tests.unit.template.loading import functions as functions_of
from tests.unit.template.loading import load

TEMPLATE = load()
NAMES = sorted(functions_of(TEMPLATE))
BARE = Path(sys.base_prefix) / "bin" / "python3.13"
"""The interpreter without any environment: what the layer lacks is missing there, as on Lambda."""

START = """
import importlib, json, sys
sys.path[:0] = sys.argv[2:]
importlib.import_module(f"functions.{sys.argv[1]}.app").handler
print(json.dumps(sorted(sys.modules)))
"""
NEVER = {"aws_xray_sdk", "wrapt", "pydantic_settings", "email_validator", "moto", "boto3"}
HEAVY = {"pydantic", "requests", "botocore.session", "typst", "bcrypt"}
"""Not loaded by a page before it needs them."""

# The layers are installed once per run, of packages that only the first build ever fetches.
pytestmark = pytest.mark.timeout(300)


def build(folder: Path) -> Path:
    for name, builder in layers.BUILDERS.items():
        builder(folder / "layers" / name, Target.named("host"))
    for name in NAMES:
        functions.build(snake(name), folder / name)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


def started(built: Path, name: str) -> set[str]:
    """Import the function in a bare interpreter; return the modules that were loaded."""
    path = [built / name, *(built / "layers" / layer for layer in layers.BUILDERS)]
    variables = dict.fromkeys(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"], "1")
    answer = subprocess.run(
        [str(BARE), "-I", "-S", "-c", START, snake(name), *map(str, path)],
        env={**variables, "AWS_REGION": "ap-northeast-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


@pytest.mark.parametrize("name", NAMES)
def test_a_function_starts_from_its_artifact_and_the_layers_alone(name: str, built: Path) -> None:
    assert started(built, name).isdisjoint(NEVER)


@pytest.mark.parametrize("name", ["Login", "Password", "Member", "Billing", "Receipt"])
def test_a_page_loads_nothing_heavy_before_it_needs_it(name: str, built: Path) -> None:
    assert started(built, name).isdisjoint(HEAVY)


def test_building_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert contents(again) == contents(built)


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_source_file_has_its_bytecode(built: Path) -> None:
    sources = [path for path in built.rglob("*.py") if "__pycache__" not in path.parts]
    bare = [p for p in sources if not (p.parent / f"__pycache__/{p.stem}.cpython-313.pyc").exists()]
    assert not bare


def test_nothing_of_the_repository_or_its_tests_is_inside(built: Path) -> None:
    """ASVS V13.4.1, V15.2.3. The artifacts hold what was copied by name, and nothing else."""
    names = {part for path in built.rglob("*") for part in path.relative_to(built).parts}
    beside = {".git", ".gitignore", ".env", ".ci", "tests", "test", "conftest.py", "local", "ops"}
    assert names & beside == set()


def test_templates_are_compiled_and_the_societys_facts_are_inside(built: Path) -> None:
    portal = built / "layers/common/portal"
    assert (portal / "society.toml").is_file()
    for part, source in (("web", layers.COMMON), ("mail", layers.COMMON)):
        templates = source / "portal" / part / "templates"
        wanted = [path for path in templates.rglob("*") if path.is_file()]
        assert len(list((portal / part / "compiled").glob("tmpl_*.py"))) == len(wanted) > 0
        assert not (portal / part / "templates").exists()


def test_the_font_lies_beside_its_licence(built: Path) -> None:
    names = {path.name for path in (built / "layers/receipt/fonts").iterdir()}
    assert names == {"ipaexg.ttf", "IPA_Font_License_Agreement_v1.0.txt"}
