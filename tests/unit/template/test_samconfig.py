import tomllib
from typing import Any

import pytest

from tests.unit.template.loading import ROOT, Template

CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
STAGES = ["local", "staging", "production"]


def parameters(stage: str) -> dict[str, str]:
    pairs: list[str] = CONFIG[stage]["deploy"]["parameters"]["parameter_overrides"]
    return dict(pair.split("=", 1) for pair in pairs)


@pytest.mark.parametrize("stage", STAGES)
def test_every_parameter_that_must_be_given_is_given_and_known(
    stage: str, template: Template
) -> None:
    known = template["Parameters"]
    needed = {name for name, one in known.items() if "Default" not in one}
    assert needed <= set(parameters(stage)) <= set(known)


@pytest.mark.parametrize("stage", STAGES)
def test_the_stage_is_named_alike(stage: str) -> None:
    assert parameters(stage)["Stage"] == stage
    assert CONFIG[stage]["global"]["parameters"]["stack_name"] == f"member-portal-{stage}"


@pytest.mark.parametrize("stage", STAGES)
def test_the_sender_is_the_societys(stage: str) -> None:
    mail: dict[str, Any] = tomllib.loads((ROOT / "society.toml").read_text("utf-8"))["mail"]
    assert parameters(stage)["SenderDomain"] == mail["domain"]
    assert parameters(stage)["SenderAddress"] == mail["sender"]


@pytest.mark.parametrize("stage", ["staging", "production"])
def test_on_aws_nothing_is_weakened(stage: str) -> None:
    """Neither the tables' protection nor the password's cost; and no secret stands in the file."""
    weakened = {"DeletionProtection", "BcryptCost", "GmoShopPassword", "ReserveConcurrency"}
    assert weakened.isdisjoint(parameters(stage))
    assert parameters(stage)["PublicBaseUrl"].startswith("https://")
    assert parameters(stage)["GmoApiBase"].startswith("https://")


def test_only_staging_redirects_its_mails() -> None:
    assert {stage for stage in STAGES if parameters(stage).get("MailRedirectTo")} == {"staging"}
