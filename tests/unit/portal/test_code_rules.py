"""What the deployed code never does, read from its syntax (ASVS V1.2, V1.3, V1.5)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(
    [*(ROOT / "layers/common/portal").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
)
SCRIPT = (ROOT / "layers/common/portal/web/assets/portal.js").read_text(encoding="utf-8")

NEVER_IMPORTED = frozenset(
    {
        "subprocess",
        "pickle",
        "shelve",
        "marshal",
        "xml",
        "lxml",
        "yaml",
        "ctypes",
        "multiprocessing",
    }
)
NEVER_CALLED = frozenset({"eval", "exec", "compile", "__import__"})
NEVER_A_METHOD = frozenset({"system", "popen", "from_string"})
IN_PAGES = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Storage")


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            yield f"{file.name}:{getattr(node, 'lineno', 0)}", node


def forbidden(node: ast.AST) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr in NEVER_A_METHOD
    return isinstance(function, ast.Name) and function.id in NEVER_CALLED


def of_re(node: ast.AST) -> bool:
    """Tell whether a call is one of the module re that takes a pattern first."""
    function = node.func if isinstance(node, ast.Call) else None
    owner = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id == "re"


def test_there_is_code_to_look_at() -> None:
    assert len(FILES) > 80


def test_no_shell_no_unpickling_no_xml_is_imported() -> None:
    found = []
    for place, node in nodes():
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [place for name in names if name.partition(".")[0] in NEVER_IMPORTED]
    assert found == []


def test_no_text_is_run_as_code_shell_or_template() -> None:
    found = [place for place, node in nodes() if forbidden(node)]
    assert found == []


def test_no_pattern_is_made_of_what_somebody_typed() -> None:
    """A pattern is a constant, or put together of constants at import."""
    found = []
    for place, node in nodes():
        if isinstance(node, ast.Call) and of_re(node):
            first = node.args[0]
            found += [place] if any(isinstance(one, ast.Call) for one in ast.walk(first)) else []
    assert found == []


@pytest.mark.parametrize("word", IN_PAGES)
def test_the_pages_script_makes_no_markup_and_keeps_nothing(word: str) -> None:
    """ASVS V3.2.2, V14.3.3."""
    assert word not in SCRIPT
