"""A running stand-in with a receiver, for each test its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from local.gmo import Settings, serve
from tests.unit.gmo_standin.harness import SHOP_ID, SHOP_PASS, Receiver, Shop


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def settings(receiver: Receiver, clock: Clock) -> Settings:
    return Settings(
        shop_id=SHOP_ID,
        shop_pass=SHOP_PASS,
        port=0,
        notify_url=receiver.url,
        clock=clock,
        retry_seconds=0.02,
        retries=2,
        late_seconds=0.15,
        slow_seconds=0.1,
        hold_seconds=0.1,
    )


@pytest.fixture
def shop(settings: Settings) -> Iterator[Shop]:
    running = serve(settings)
    yield Shop(running)
    running.stop()
