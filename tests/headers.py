"""What every answer carries, whatever was asked and whoever asked (ASVS V3.4, V4.1.1, V14.3.2).

One list for the handlers, the deployed stack and the gateway's own answers.
"""

import re
from collections.abc import Mapping

YEAR = 365 * 24 * 3600

EXACT: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # same-origin keeps the Origin header of our own forms, which no-referrer would make "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
FORBIDDEN = frozenset({"server", "x-powered-by", "access-control-allow-origin"})
"""No banner of a program's version, and no other origin reads anything of ours."""


def faults(headers: Mapping[str, str]) -> list[str]:
    """Return what is missing or wrong; *headers* have lower-case names and one value each."""
    found = [name for name, value in EXACT.items() if headers.get(name) != value]
    found += [name for name in FORBIDDEN if name in headers]
    if not _transport(headers.get("strict-transport-security", "")):
        found.append("strict-transport-security")
    if not _policy(headers.get("content-security-policy", "")):
        found.append("content-security-policy")
    if not _typed(headers.get("content-type", "")):
        found.append("content-type")
    return sorted(found)


def _transport(value: str) -> bool:
    age = re.search(r"max-age=(\d+)", value)
    return age is not None and int(age[1]) >= YEAR and "includeSubDomains" in value


def _policy(value: str) -> bool:
    parts = [part.strip().partition(" ") for part in value.split(";")]
    rules = {name: sources for name, _, sources in parts}
    # A directive without a source allows what 'none' allows (CSP Level 3, 6.7.2.7).
    nothing = {"", "'none'"}
    wanted = ("default-src", "base-uri", "frame-ancestors")
    return "unsafe" not in value and all(rules.get(name, "*") in nothing for name in wanted)


def _typed(value: str) -> bool:
    kind, _, parameter = value.partition(";")
    return kind == "application/pdf" or parameter.strip() in {"charset=utf-8", "charset=us-ascii"}
