"""Every act that the code writes into the audit has its word for the office."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ops.words.audit import ACTIONS, actions_like
from portal.billing.judge import Fact
from portal.billing.model import InvoiceState

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(
    path
    for folder in ("layers/common/portal", "functions", "ops")
    for path in (ROOT / folder).rglob("*.py")
)
MADE: dict[str, tuple[str, ...]] = {
    "f'payment.{verdict.fact}'": tuple(f"payment.{fact}" for fact in Fact),
    # Only these two ends are the office's (portal/billing/office.py).
    "f'invoice.{state.value}'": tuple(
        f"invoice.{state}" for state in (InvoiceState.WAIVED, InvoiceState.CANCELLED)
    ),
    "f'payment.{what}'": tuple(
        f"payment.{what}" for what in ("refunded_outside", "ask_wanted", "accepted", "set_aside")
    ),
}
"""What is put together of parts, by how the code says it, and all that may come of it."""


@dataclass
class Module:
    """One module's calls, by the name of what is called, and what names stand for."""

    tree: ast.Module
    constants: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        given = [one for one in self.tree.body if isinstance(one, ast.Assign)]
        pairs = [
            (to, value)
            for one in given
            for to, value in zip(_parts(one.targets[0]), _parts(one.value), strict=False)
        ]
        self.constants = {
            ast.unparse(to): value.value
            for to, value in pairs
            if isinstance(value, ast.Constant) and isinstance(value.value, str)
        }

    def actions(self) -> Iterator[str]:
        """Yield every act that is written in it."""
        for function in ast.walk(self.tree):
            if isinstance(function, ast.FunctionDef):
                for call in _calls(function, "entry"):
                    given = {one.arg: one.value for one in call.keywords}
                    if "action" in given:
                        found = list(self.texts(given["action"], function))
                        assert found, f"nobody knows what {ast.unparse(call)} says"
                        yield from found

    def texts(self, node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
        """Yield what an expression in *function* may say."""
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr():
                yield from MADE[ast.unparse(node)]
            case ast.IfExp(body=one, orelse=other):
                yield from (*self.texts(one, function), *self.texts(other, function))
            case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper():
                yield from self._constant(name)
            case ast.Name(id=name):
                yield from self._named(name, function)
            case ast.Attribute(attr=name):
                yield from self._kept(name.lstrip("_"))
            case _:
                pytest.fail(f"nobody knows what {ast.unparse(node)} says")

    def _constant(self, name: str) -> Iterator[str]:
        # A constant of its own module goes before one of the same name elsewhere.
        for module in (self, *MODULES):
            if name in module.constants:
                yield module.constants[name]
                return
        pytest.fail(f"nobody knows what {name} says")

    def _kept(self, name: str) -> Iterator[str]:
        """Yield what an object of this module may have been made with under a name."""
        made = [
            one for one in ast.walk(self.tree) if isinstance(one, ast.FunctionDef | ast.ClassDef)
        ]
        for one in made:
            if isinstance(one, ast.FunctionDef):
                pairs = zip(one.args.kwonlyargs, one.args.kw_defaults, strict=True)
                yield from _texts(value for word, value in pairs if word.arg == name)
            for _, call in CALLS.get(one.name, []):
                yield from _texts(word.value for word in call.keywords if word.arg == name)

    def _named(self, name: str, function: ast.FunctionDef) -> Iterator[str]:
        for one in ast.walk(function):
            if isinstance(one, ast.Assign) and any(ast.unparse(to) == name for to in one.targets):
                yield from self.texts(one.value, function)
        words = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
        if name not in words:
            return
        place = [word for word in words if word != "self"].index(name)
        for caller, call in self._calls_of(function):
            given = {one.arg: one.value for one in call.keywords}
            value = given.get(name) or (call.args[place] if place < len(call.args) else None)
            inside = caller.owner(call)
            if value is not None and inside is not None and inside.name != function.name:
                yield from caller.texts(value, inside)

    def _calls_of(self, function: ast.FunctionDef) -> "list[tuple[Module, ast.Call]]":
        name = function.name
        if name.startswith("_"):
            return [(self, call) for call in _calls(self.tree, name)]
        return [(module, call) for module, call in CALLS.get(name, []) if _suits(call, function)]

    def owner(self, call: ast.Call) -> ast.FunctionDef | None:
        """Return the function in which a call stands."""
        holders = [
            one
            for one in ast.walk(self.tree)
            if isinstance(one, ast.FunctionDef) and any(part is call for part in ast.walk(one))
        ]
        return holders[-1] if holders else None


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for one in ast.walk(tree):
        if isinstance(one, ast.Call) and _last(one.func) == name:
            yield one


def _texts(nodes: Iterable[ast.expr | None]) -> Iterator[str]:
    for one in nodes:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _suits(call: ast.Call, function: ast.FunctionDef) -> bool:
    """Tell whether a call by a name that others have too may be one of this function."""
    words = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)} - {"self"}
    given = {one.arg for one in call.keywords}
    least = len(words) - len(function.args.defaults) - len(function.args.kw_defaults)
    return given <= words and least <= len(call.args) + len(given) <= len(words)


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rsplit(".", 1)[-1]


MODULES = [Module(ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]
CALLS: dict[str, list[tuple[Module, ast.Call]]] = {}
for _module in MODULES:
    for _call in ast.walk(_module.tree):
        if isinstance(_call, ast.Call):
            CALLS.setdefault(_last(_call.func), []).append((_module, _call))

WRITTEN = sorted({action for module in MODULES for action in module.actions()})


def test_the_code_is_really_looked_through() -> None:
    """Said in all the ways that there are: a text, a parameter, a choice, a text of parts."""
    ways = {"invoice.issued", "access_closed", "first_password_set", "payment.refunded_outside"}
    assert ways <= set(WRITTEN)


@pytest.mark.parametrize("action", WRITTEN)
def test_every_act_has_its_word(action: str) -> None:
    assert ACTIONS.get(action), f"ops/words/audit.py lacks a word for {action}"


def test_no_word_is_of_an_act_that_nobody_writes() -> None:
    assert sorted(set(ACTIONS) - set(WRITTEN)) == []


def test_no_two_acts_have_one_word() -> None:
    assert len(set(ACTIONS.values())) == len(ACTIONS)


def test_an_act_is_found_by_name_and_by_part_of_its_words() -> None:
    assert actions_like("invoice.waived") == {"invoice.waived"}
    assert actions_like("免除") == {"invoice.waived"}
    assert actions_like("パスワード") > {"password_changed", "password_reissued"}
    assert actions_like("ない言葉") == set()
