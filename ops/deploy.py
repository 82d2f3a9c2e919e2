"""``make deploy STAGE=…``: builds for Lambda's processors and deploys with samconfig.toml's values.

It refuses an AWS_ENDPOINT_URL that is this machine (someone is working with the local stack in
that shell) and forgets any other, so that a deployment reaches AWS and nothing else.
"""

import ipaddress
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("staging", "production")
ARCHITECTURE = "arm64"
"""As the parameter Architecture's default in template.yaml; a test holds the two together."""

PLACEHOLDERS = ("を記入", "0000-0000", "〒000")
"""What society.toml says where only the society knows the fact."""


class Refused(Exception):
    """The deployment would not do what was meant; the text says why."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of ``sam``. Raises Refused when an endpoint is this machine."""
    for setting in leading_here(environ):
        raise Refused(f"{setting} is this machine: unset it, or use `make run`")
    kept = {name: value for name, value in environ.items() if not _is_endpoint(name)}
    return kept | {"BUILD_ARCHITECTURE": ARCHITECTURE, "SAM_CLI_TELEMETRY": "0"}


def leading_here(environ: Mapping[str, str]) -> list[str]:
    """Return the settings, as ``name=value``, that would lead calls to AWS to this machine."""
    named = {name: value for name, value in environ.items() if _is_endpoint(name)}
    return [f"{name}={value}" for name, value in named.items() if is_loopback(value)]


def _is_endpoint(name: str) -> bool:
    return name.upper().startswith("AWS_ENDPOINT_URL")


def is_loopback(url: str) -> bool:
    """Tell whether *url* leads to this machine; an address without a host counts as such."""
    host = urlsplit(url).hostname or ""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def check_society(stage: str, text: str) -> None:
    """Raise Refused while society.toml still has what stands for the society's real facts.

    They are printed on receipts and slips, so members must never see them.
    """
    left = [line for line in text.splitlines() if any(mark in line for mark in PLACEHOLDERS)]
    if stage == "production" and left:
        raise Refused("society.toml has to be filled in first:\n" + "\n".join(left))


def commands(stage: str) -> list[list[str]]:
    """Return what is run for *stage*. Raises Refused for an unknown stage."""
    if stage not in STAGES:
        raise Refused(f"STAGE={stage} is unknown; known: {', '.join(STAGES)}")
    sam = str(ROOT / ".tools/sam/bin/sam")
    built = f".aws-sam/{stage}"
    return [
        [sam, "build", "--config-env", stage, "--build-dir", built],
        [sam, "deploy", "--config-env", stage, "--template-file", f"{built}/template.yaml"],
    ]


def main(arguments: Sequence[str]) -> int:
    """Build and deploy; return the exit status."""
    try:
        environ = environment(os.environ)
        stage = arguments[0] if arguments else ""
        todo = commands(stage)
        check_society(stage, (ROOT / "society.toml").read_text(encoding="utf-8"))
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return next((code for code in (_run(one, environ) for one in todo) if code), 0)


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
