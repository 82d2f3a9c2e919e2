"""Reads template.yaml as data, and as what SAM turns it into."""

import json
import os
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
SAM_PYTHON = ROOT / ".tools/sam/bin/python"
TRANSLATE = Path(__file__).with_name("translate.py")

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Understands CloudFormation's short forms: !Ref, !GetAtt and the others."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def load() -> Template:
    """Return template.yaml with every short form written out."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    loaded: Template = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    return loaded


def translate(template: Template, layer: str = "common-1") -> Template:
    """Return what SAM makes of *template* when the common layer was uploaded as *layer*."""
    given = deepcopy(template)
    for name, one in given["Resources"].items():
        if one["Type"] == "AWS::Serverless::LayerVersion":
            one["Properties"]["ContentUri"] = f"s3://bucket/{layer}-{name}"
    given["Globals"]["Function"]["CodeUri"] = "s3://bucket/functions"
    environ = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "ap-northeast-1"}
    answer = subprocess.run(
        [str(SAM_PYTHON), str(TRANSLATE)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    translated: Template = json.loads(answer.stdout)
    return translated


def of_type(template: Template, kind: str) -> dict[str, Template]:
    """Return the resources of one type by logical id."""
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}


def functions(template: Template) -> dict[str, Template]:
    """Return each function's properties by its logical id without the ending ``Function``."""
    found = of_type(template, "AWS::Serverless::Function")
    return {name.removesuffix("Function"): one["Properties"] for name, one in found.items()}


def statements(template: Template, role: str) -> Iterator[Template]:
    """Yield the statements of a role's own policies and of the template's that it has attached."""
    properties = template["Resources"][role]["Properties"]
    for policy in properties.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]
    for attached in properties.get("ManagedPolicyArns", []):
        if "Ref" in attached:
            policy = template["Resources"][attached["Ref"]]["Properties"]
            yield from policy["PolicyDocument"]["Statement"]


def as_list(value: Any) -> list[Any]:
    """Return *value* itself when it is a list, else a list of it."""
    return value if isinstance(value, list) else [value]


def events(properties: Template, kind: str) -> list[Template]:
    """Return the properties of a function's events of one kind."""
    return [
        one["Properties"] for one in properties.get("Events", {}).values() if one["Type"] == kind
    ]
