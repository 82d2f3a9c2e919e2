"""What the local stack deploys differently from AWS, and nothing else.

MiniStack refuses some resource types and conditions. They stay in template.yaml and are taken out
of the *built* template only, each with a line that says so.
"""

import platform
import tomllib
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD_DIR = ROOT / ".aws-sam/local"
"""Where ``sam build`` puts the artifacts for this machine; a deployment to AWS builds elsewhere."""
BUILD_ENVIRONMENT: Mapping[str, str] = {"BUILD_ARCHITECTURE": "host"}
"""Environment of that build: packages for this machine instead of Lambda's processors."""
FONT_DIR = ROOT / ".tools/fonts"

Template = dict[str, Any]

_REFUSED_TYPES = {
    "AWS::WAFv2::WebACLAssociation": "the firewall is deployed but guards nothing",
    "AWS::ApiGateway::Account": "there is no account-wide role for access logs",
}


def parameters(changed: Mapping[str, str]) -> dict[str, str]:
    """Return samconfig.toml's local parameters with *changed* ones and this processor."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    pairs: list[str] = config["local"]["deploy"]["parameters"]["parameter_overrides"]
    kept = dict(pair.split("=", 1) for pair in pairs)
    return kept | {"Architecture": architecture()} | dict(changed)


def architecture() -> str:
    """Return this machine's processor in Lambda's words."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def for_local(template: Template) -> tuple[Template, list[str]]:
    """Return a copy of the built *template* that MiniStack deploys, and what was changed in it."""
    changed = deepcopy(template)
    notes: list[str] = []
    for step in _STEPS:
        notes += step(changed["Resources"])
    return changed, notes


def _drop_refused(resources: Template) -> list[str]:
    dropped = [name for name, one in resources.items() if one["Type"] in _REFUSED_TYPES]
    notes = [f"left out {name}: {_REFUSED_TYPES[resources[name]['Type']]}" for name in dropped]
    for name in dropped:
        del resources[name]
    for one in resources.values():
        if one.get("DependsOn") in dropped:
            del one["DependsOn"]
    return notes


def _open_mail(resources: Template) -> list[str]:
    notes = []
    for name, statement in _statements(resources):
        if statement["Action"] == "ses:SendEmail":
            statement["Resource"] = "*"
            statement.pop("Condition", None)
            notes.append(f"{name} may send from any address: MiniStack checks no sender")
    return notes


def _drop_role_conditions(resources: Template) -> list[str]:
    changed = [
        name
        for name, one in resources.items()
        if one["Type"] == "AWS::IAM::Role"
        for statement in one["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if statement.pop("Condition", None)
    ]
    return [f"{name} may be taken on without a condition: none is evaluated" for name in changed]


def _let_old_layers_go(resources: Template) -> list[str]:
    # Kept versions would make each start after many builds slower: MiniStack loads them all.
    layers = [one for one in resources.values() if one["Type"] == "AWS::Serverless::LayerVersion"]
    for layer in layers:
        layer["Properties"]["RetentionPolicy"] = "Delete"
    return ["old versions of layers are deleted"] if layers else []


def _find_font(resources: Template) -> list[str]:
    # MiniStack unpacks layers beside the function and not to /opt.
    function = resources["ReceiptFunction"]["Properties"]
    function["Environment"] = {"Variables": {"RECEIPT_FONT_DIR": str(FONT_DIR)}}
    return [f"the receipt's font is read from {FONT_DIR.relative_to(ROOT)}"]


def _statements(resources: Template) -> list[tuple[str, Template]]:
    return [
        (name, statement)
        for name, one in resources.items()
        if one["Type"] == "AWS::IAM::Role"
        for policy in one["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


_STEPS: tuple[Callable[[Template], list[str]], ...] = (
    _drop_refused,
    _open_mail,
    _drop_role_conditions,
    _find_font,
    _let_old_layers_go,
)
