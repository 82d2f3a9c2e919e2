"""docs/openapi.yaml describes every route of the template, and every field that a form takes."""

from typing import Any

import pytest
import yaml

from local.settings import ROOT
from tests.stack.forms import ROWS
from tests.unit.template.loading import events, functions, load

DESCRIPTION: dict[str, Any] = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text("utf-8"))
PATHS: dict[str, dict[str, Any]] = DESCRIPTION["paths"]
OPERATIONS = {
    (method, path): operation
    for path, methods in PATHS.items()
    for method, operation in methods.items()
    if method != "parameters"
}
POSTED = {row.path: row for row in ROWS if row.fields}


def test_it_describes_the_routes_of_the_template() -> None:
    routes = {
        (event["Method"], event["Path"].replace("{proxy+}", "{proxy}"))
        for properties in functions(load()).values()
        for event in events(properties, "Api")
        # A HEAD is what its GET is, without the body.
        if event["Method"] != "head"
    }
    assert set(OPERATIONS) == routes


@pytest.mark.parametrize("path", sorted(POSTED))
def test_a_forms_fields_are_those_of_the_table_of_forms(path: str) -> None:
    row = POSTED[path]
    body = OPERATIONS["post", path]["requestBody"]
    schema = _resolved(body)["content"]["application/x-www-form-urlencoded"]["schema"]
    fields = {one.name for one in row.fields} | ({"csrf"} if row.guarded else set())
    # What only one button of a page sends need not be in the table.
    assert fields <= set(schema["properties"])
    needed = {one.name for one in row.fields if not one.optional}
    assert set(schema["required"]) - {"csrf"} <= needed
    assert ("csrf" in schema["required"]) == row.guarded


@pytest.mark.parametrize(("method", "path"), sorted(OPERATIONS))
def test_every_answer_carries_the_headers(method: str, path: str) -> None:
    for response in OPERATIONS[method, path]["responses"].values():
        headers = _resolved(response)["headers"]
        required = {name for name, one in headers.items() if _resolved(one).get("required")}
        assert {"Content-Security-Policy", "X-Content-Type-Options", "Cache-Control"} <= required


@pytest.mark.parametrize(("method", "path"), sorted(OPERATIONS))
def test_no_answer_is_a_fault_of_ours(method: str, path: str) -> None:
    """A 5xx that stood here would be no finding of make audit."""
    assert max(OPERATIONS[method, path]["responses"]) < "500"


def _resolved(one: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in one:
        return one
    found: Any = DESCRIPTION
    for part in one["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: dict[str, Any] = found
    return resolved
