"""Which tests a file has, for the documents that name them."""

import ast
from functools import cache
from pathlib import Path


@cache
def proofs_in(file: Path) -> frozenset[str]:
    """Return the names of a file's tests; nothing when there is no such file."""
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))
