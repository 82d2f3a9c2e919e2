"""Structured logs and metrics, and how an identity is masked in them.

Lines are JSON by Powertools' Logger. What may be written is told in docs/operations.md; a
password, a token, a mail address or a name never is.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import cache

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


def mask(random_id: str) -> str:
    """Return eight hex digits that stand for an id of ours in a log line.

    Without a key, and therefore only for ids of 128 random bits and more, such as a member's:
    those cannot be guessed from a mask. Numbers that could are masked by :class:`Masks`.
    """
    return hashlib.sha256(b"log:" + random_id.encode()).hexdigest()[:8]


class Masks:
    """Stands for member numbers in logs and audit by eight hex digits, under a key of their own.

    Member numbers are short and nearly consecutive: whoever has the lines but not the key could
    try them all on a mask without one. *key* is asked for at the first mask, so that only a process
    that meets a failed sign-in fetches it (docs/decisions/0027-masks-under-a-key.md).
    """

    def __init__(self, key: Callable[[], str]) -> None:
        self._key = cache(key)

    def __call__(self, member_no: str) -> str:
        """Return the mask of a member number, as it was typed and folded."""
        mac = hmac.digest(self._key().encode(), b"member number:" + member_no.encode(), "sha256")
        return mac.hex()[:8]


def _milliseconds() -> int:
    from time import time

    return int(time() * 1000)
