"""What requests to DynamoDB are made of: values in its typed form, and expressions.

Attribute names and values only ever travel in ExpressionAttributeNames and -Values, so nothing a
member types can become part of an expression (ASVS V1.2.4).
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from portal.database import (
    AtLeast,
    AtMost,
    Check,
    Condition,
    Delete,
    Differs,
    Either,
    Equals,
    Exists,
    Item,
    Missing,
    OneOf,
    Path,
    Put,
    Update,
    Value,
    When,
    Write,
)


def marshal(value: Value) -> dict[str, Any]:
    """Turn a plain value into DynamoDB's typed form. Raises TypeError for any other value."""
    kind, written = _TYPED.get(type(value)) or _inherited(value)
    return {kind: written(value)}


def _inherited(value: Value) -> tuple[str, Callable[[Any], Any]]:
    """Find how a subclass is written: an enum's member is the text or number it is."""
    for base, found in _TYPED.items():
        if isinstance(value, base):
            return found
    # Named is the type alone: the value may be personal.
    raise TypeError(f"no attribute of DynamoDB: {type(value).__name__}")


_TYPED: dict[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("NULL", lambda _: True),
    bool: ("BOOL", bool),
    int: ("N", str),
    str: ("S", str),
    bytes: ("B", bytes),
    list: ("L", lambda elements: [marshal(element) for element in elements]),
    dict: ("M", lambda entries: {name: marshal(element) for name, element in entries.items()}),
}


def unmarshal(typed: Mapping[str, Any]) -> Value:
    """Turn DynamoDB's typed form into a plain value; numbers here are whole yen and counts."""
    ((kind, value),) = typed.items()
    return _PLAIN[kind](value)


def _binary(value: bytes | str) -> bytes:
    """Return bytes; a stream's event is JSON, in which they travel as base64."""
    return base64.b64decode(value) if isinstance(value, str) else bytes(value)


_PLAIN: dict[str, Callable[[Any], Value]] = {
    "S": str,
    "N": int,
    "BOOL": bool,
    "B": _binary,
    "NULL": lambda _: None,
    "L": lambda elements: [unmarshal(element) for element in elements],
    "M": lambda entries: {name: unmarshal(element) for name, element in entries.items()},
}


def plain(item: Mapping[str, Any]) -> Item:
    """Turn a row as DynamoDB gives it into plain values; its stream writes bytes as base64."""
    return {name: unmarshal(typed) for name, typed in item.items()}


def typed(item: Mapping[str, Value]) -> dict[str, Any]:
    """Turn a row, or a key, into DynamoDB's typed form."""
    return {name: marshal(value) for name, value in item.items()}


_COMPARED: dict[type, str] = {Equals: "=", Differs: "<>", AtMost: "<=", AtLeast: ">="}


class Expression:
    """Collects placeholders while the parts of one request are written."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def path(self, path: Path) -> str:
        """Return the placeholder of an attribute, or of a path into one."""
        parts = (path,) if isinstance(path, str) else path
        return ".".join(self._name(part) for part in parts)

    def _name(self, part: str) -> str:
        for placeholder, known in self.names.items():
            if known == part:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = part
        return placeholder

    def value(self, value: Value) -> str:
        """Return the placeholder of a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = marshal(value)
        return placeholder

    def condition(self, condition: Condition) -> str:
        """Return one condition."""
        match condition:
            case Missing(attr):
                return f"attribute_not_exists({self.path(attr)})"
            case Exists(attr):
                return f"attribute_exists({self.path(attr)})"
            case OneOf(attr, values):
                return f"{self.path(attr)} IN ({', '.join(self.value(one) for one in values)})"
            case Either(any=conditions):
                return f"({' OR '.join(self.condition(one) for one in conditions)})"
            case _:
                sign = _COMPARED[type(condition)]
                return f"{self.path(condition.attr)} {sign} {self.value(condition.value)}"

    def when(self, conditions: When) -> dict[str, str]:
        """Return the parameter for conditions that all must hold; none without any."""
        if not conditions:
            return {}
        return {"ConditionExpression": " AND ".join(self.condition(one) for one in conditions)}

    def change(self, update: Update) -> dict[str, str]:
        """Return the parameter that says what an update changes."""
        clauses = {
            "SET": [
                *(f"{self.path(name)} = {self.value(one)}" for name, one in update.set.items()),
                *(self._initial(name, one) for name, one in update.initial.items()),
            ],
            "ADD": [f"{self.path(name)} {self.value(one)}" for name, one in update.add.items()],
            "REMOVE": [self.path(name) for name in update.remove],
        }
        written = [f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts]
        return {"UpdateExpression": " ".join(written)}

    def _initial(self, name: str, value: Value) -> str:
        path = self.path(name)
        return f"{path} = if_not_exists({path}, {self.value(value)})"

    def placeholders(self) -> dict[str, Any]:
        """Return the parameters that say what the placeholders stand for."""
        names = {"ExpressionAttributeNames": self.names} if self.names else {}
        values = {"ExpressionAttributeValues": self.values} if self.values else {}
        return {**names, **values}


def request_of(write: Write) -> tuple[str, dict[str, Any]]:
    """Return the name of the transaction action and its parameters."""
    expression = Expression()
    parameters: dict[str, Any] = {"TableName": write.table}
    match write:
        case Put():
            parameters |= {"Item": typed(write.item)}
        case Update():
            parameters |= {"Key": typed(dict(write.key)), **expression.change(write)}
        case Delete() | Check():
            parameters |= {"Key": typed(dict(write.key))}
    parameters |= expression.when(write.when)
    parameters |= expression.placeholders()
    action = "ConditionCheck" if isinstance(write, Check) else type(write).__name__
    return action, parameters
