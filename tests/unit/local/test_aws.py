"""Clients of the local stack never follow the person's own AWS settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.environment import NotLoopback
from local.settings import ROOT

SHOW = """
from local.aws import LocalAws
client = LocalAws("http://127.0.0.1:4566").client("sts")
print(client.meta.endpoint_url, client.meta.region_name, client.meta.config.proxies)
"""


def test_an_exported_profile_and_endpoint_lead_nowhere(tmp_path: Path) -> None:
    """Seen in a fresh process, because botocore reads the variables when it is imported."""
    config = tmp_path / "config"
    config.write_text("[default]\nregion = us-east-1\nendpoint_url = https://aws.example\n")
    env = os.environ | {
        "AWS_PROFILE": "no-such-profile",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": "https://aws.example",
        "AWS_ENDPOINT_URL_STS": "https://aws.example",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "HTTP_PROXY": "http://proxy.example:3128",
        "AWS_REGION": "us-east-1",
    }

    shown = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )

    assert shown.stdout.split() == ["http://127.0.0.1:4566", "ap-northeast-1", "{}"]


def test_an_endpoint_elsewhere_is_refused() -> None:
    with pytest.raises(NotLoopback):
        LocalAws("https://sts.ap-northeast-1.amazonaws.com")
