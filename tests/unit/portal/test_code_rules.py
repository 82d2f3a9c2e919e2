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
IN_PAGES = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "Storage",
    "indexedDB",
    "caches",
    ".cookie",
    "__proto__",
    "JSON.parse",
)
MAKERS_OF_SESSIONS = {"new_password.py", "sign_in.py"}


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


def test_random_values_come_from_the_operating_system() -> None:
    """ASVS V6.5.3, V11.5.1: the module random is nowhere, and secrets is where ids are made."""
    imported: dict[str, set[str]] = {}
    for place, node in nodes():
        if isinstance(node, ast.Import):
            for one in node.names:
                imported.setdefault(one.name, set()).add(place.partition(":")[0])
        assert not (isinstance(node, ast.ImportFrom) and node.module in {"random", "uuid"}), place
    assert not {"random", "uuid"} & set(imported)
    assert imported["secrets"] >= {"ids.py", "initial_password.py"}


def test_no_broken_hash_is_used() -> None:
    """ASVS V11.4.1."""
    found = []
    for place, node in nodes():
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "value", "")
        found += [place] if isinstance(name, str) and name in {"md5", "sha1"} else []
    assert found == []


def test_no_text_is_run_as_code_shell_or_template() -> None:
    found = [place for place, node in nodes() if forbidden(node)]
    assert found == []


# Loops over a constant of the module, whose names are therefore constants as well.
LOOPS_OVER_CONSTANTS = frozenset({("guessable.py", "pattern")})


def of_constants(place: str, node: ast.AST) -> bool:
    """Tell whether a text is written here, or put together of constants of its module."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markup":
        return of_constants(place, node.args[0])
    file = place.partition(":")[0]
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    made = any(isinstance(one, ast.Call | ast.Attribute) for one in ast.walk(node))
    typed = {one for one in names if not one.isupper() and (file, one) not in LOOPS_OVER_CONSTANTS}
    return not made and not typed


def test_no_pattern_is_made_of_what_somebody_typed() -> None:
    """A pattern is a constant, or put together of constants at import. ASVS V1.2.9."""
    found = []
    for place, node in nodes():
        if isinstance(node, ast.Call) and of_re(node):
            found += [] if of_constants(place, node.args[0]) else [place]
    assert found == []


def test_no_format_is_what_somebody_typed() -> None:
    """Filled in are constants of the code; f-strings have no other. ASVS V1.3.10."""
    found = []
    for place, node in nodes():
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in {"format", "format_map"}:
            found += [] if of_constants(place, function.value) else [place]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            found += [place] if isinstance(node.left, ast.JoinedStr) else []
    assert found == []


def test_a_session_is_made_by_a_sign_in_a_change_or_a_reset_and_nothing_else() -> None:
    """ASVS V6.3.4, V7.6.2: each of them needs a form with a token, sent by POST."""
    made = set()
    for place, node in nodes():
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "create":
            owner = function.value
            if isinstance(owner, ast.Attribute) and owner.attr == "sessions":
                made.add(place.partition(":")[0])
    assert made == MAKERS_OF_SESSIONS
    assert {file.name for file in FILES if "session_cookie(" in file.read_text("utf-8")} == {
        "sessions.py",
        "pages.py",
    }


@pytest.mark.parametrize("word", IN_PAGES)
def test_the_pages_script_makes_no_markup_and_keeps_nothing(word: str) -> None:
    """ASVS V3.2.2, V14.3.3."""
    assert word not in SCRIPT
