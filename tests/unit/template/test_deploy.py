import pytest

from ops import deploy
from tests.unit.template.loading import Template


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:4566",
        "http://localhost:4566",
        "http://[::1]:4566",
        "http://aws.localhost",
        "http://0.0.0.0:4566",
        "127.0.0.1:4566",
    ],
)
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_a_deployment_to_this_machine_is_refused(name: str, address: str) -> None:
    with pytest.raises(deploy.Refused, match=name):
        deploy.environment({name: address})


def test_another_endpoint_is_forgotten_and_credentials_stay() -> None:
    given = {"AWS_ENDPOINT_URL": "https://aws.example", "AWS_PROFILE": "office", "PATH": "/bin"}
    kept = deploy.environment(given)
    assert "AWS_ENDPOINT_URL" not in kept
    assert kept["AWS_PROFILE"] == "office"
    assert kept["PATH"] == "/bin"


def test_packages_are_built_for_the_functions_processor(template: Template) -> None:
    built = deploy.environment({})["BUILD_ARCHITECTURE"]
    assert built == template["Parameters"]["Architecture"]["Default"]


@pytest.mark.parametrize("stage", ["", "local", "Production", "--help"])
def test_an_unknown_stage_is_refused(stage: str) -> None:
    with pytest.raises(deploy.Refused, match="known: staging, production"):
        deploy.commands(stage)


def test_what_was_built_for_a_stage_is_what_is_deployed() -> None:
    build, deployed = deploy.commands("production")
    folder = build[build.index("--build-dir") + 1]
    assert deployed[deployed.index("--template-file") + 1] == f"{folder}/template.yaml"
