"""Structured logs and metrics, and how an identity is masked in them.

Lines are JSON by Powertools' Logger. What may be written is told in docs/operations.md; a
password, a token, a mail address or a name never is.
"""

import hashlib

from aws_lambda_powertools import Logger

logger = Logger(service="member-portal", level="INFO", log_uncaught_exceptions=False)


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Count *name* as a CloudWatch metric in the embedded metric format, one log line.

    The format is written directly because Powertools' Metrics keeps one process-wide set of
    dimensions, while the counts of one request here differ in theirs.
    """
    extra: dict[str, object] = {
        "_aws": {
            "Timestamp": _milliseconds(),
            "CloudWatchMetrics": [
                {
                    "Namespace": "MemberPortal",
                    "Dimensions": [sorted(dimensions)],
                    "Metrics": [{"Name": name, "Unit": "Count"}],
                }
            ],
        },
        name: value,
        **dimensions,
    }
    logger.info("metric", extra=extra)


def mask(identity: str) -> str:
    """Return eight hex digits that stand for *identity* in a log line."""
    return hashlib.sha256(b"log:" + identity.encode()).hexdigest()[:8]


def _milliseconds() -> int:
    from time import time

    return int(time() * 1000)
