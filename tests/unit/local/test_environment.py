"""What started programs may see of the person's environment."""

import pytest

from local.environment import NotLoopback, cleaned, for_aws, loopback


def test_every_aws_and_proxy_variable_is_removed() -> None:
    given = {
        "AWS_PROFILE": "production",
        "aws_profile": "production",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "http_proxy": "http://proxy.example:3128",
        "no_proxy": "*",
        "PATH": "/usr/bin",
        "HOME": "/home/somebody",
    }

    assert cleaned(given) == {"PATH": "/usr/bin", "HOME": "/home/somebody"}


def test_a_program_for_the_local_aws_never_reads_the_persons_profiles() -> None:
    env = for_aws({"AWS_PROFILE": "production"}, "http://127.0.0.1:4566")

    assert "AWS_PROFILE" not in env
    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert env["AWS_CONFIG_FILE"] == env["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4566",
        "http://localhost:4566",
        "http://jgets-member.localhost:4566",
        "http://[::1]:4566",
        "http://127.9.9.9",
    ],
)
def test_this_machine_is_accepted(url: str) -> None:
    assert loopback(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://dynamodb.ap-northeast-1.amazonaws.com",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://127.0.0.1.example.com",
        "127.0.0.1:4566",
        "",
    ],
)
def test_any_other_machine_is_refused(url: str) -> None:
    with pytest.raises(NotLoopback):
        for_aws({}, url)
