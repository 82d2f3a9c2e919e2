"""What the programs started here may see of the person's own environment.

An exported AWS_PROFILE would send a local command to a real account, and a proxy would swallow
calls to 127.0.0.1, so every AWS_* and proxy variable is removed and a harmless set put in place.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

REGION = "ap-northeast-1"
ACCOUNT = "000000000000"

_PROXIES = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"})
_PREFIXES = ("AWS_", "SAM_CLI_", "MINISTACK_", "LAMBDA_")
# These steer the interpreter of the person who typed the command, not the tools started here.
_INTERPRETER = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONWARNINGS"})


class NotLoopback(Exception):
    """An address leads off this machine, where the local stack has no business."""


def cleaned(environ: Mapping[str, str]) -> dict[str, str]:
    """Return *environ* without anything that could lead off this machine."""
    return {name: value for name, value in environ.items() if not _removed(name)}


def _removed(name: str) -> bool:
    upper = name.upper()
    return name.lower() in _PROXIES or upper in _INTERPRETER or upper.startswith(_PREFIXES)


def loopback(url: str) -> str:
    """Return *url* when its host is this machine. Raises NotLoopback for any other host."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost") or _is_loopback_address(host):
        return url
    raise NotLoopback(f"refused: {host or url!r} is not this machine")


def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def for_aws(environ: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """Return the environment of a program that speaks to the local AWS at *endpoint*."""
    return cleaned(environ) | {
        "AWS_ENDPOINT_URL": loopback(endpoint),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # The person's own profiles are never read, not even their region.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "SAM_CLI_TELEMETRY": "0",
    }
