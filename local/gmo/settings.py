"""What a stand-in is started with."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """All knobs of one stand-in; durations are seconds.

    `port` 0 takes a free one. Without `data_dir` the orders live in memory only. `notify_url` is
    the receiver of result notifications; empty means that nobody is told. Raises ValueError for a
    shop id or password that GMO would not give out, and for a receiver that is not this machine.
    """

    shop_id: str
    shop_pass: str
    notify_url: str = ""
    notify_host_header: str = ""
    port: int = 4580
    public_url: str = ""
    data_dir: Path | None = None
    clock: Callable[[], datetime] = utc_now
    notify_timeout: float = 15.0
    retry_seconds: float = 60.0
    retries: int = 5
    late_seconds: float = 8.0
    slow_seconds: float = 20.0
    hold_seconds: float = 20.0
    default_term_days: int = 10

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9]{8,13}", self.shop_id):
            raise ValueError("shop_id must be 8 to 13 letters or digits")
        if not re.fullmatch(r"[A-Za-z0-9]{8,10}", self.shop_pass):
            raise ValueError("shop_pass must be 8 to 10 letters or digits")
        if self.notify_url and not is_local(urlsplit(self.notify_url)):
            raise ValueError("notify_url must be plain http on this machine")


def is_local(url: SplitResult) -> bool:
    """Whether an address is plain http on this machine; the stand-in talks to nothing else."""
    host = url.hostname or ""
    return url.scheme == "http" and (
        host in {"127.0.0.1", "localhost"} or host.endswith(".localhost")
    )
