"""One Chromium for all walks, a window of its own for each, and members nobody else uses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from local.bootstrap import chromium
from local.demo_people import Person
from tests.browser.outside import Gmo, Mailbox
from tests.browser.traffic import Traffic
from tests.browser.visitor import DESKTOP, PHONE, Album, Visitor
from tests.stackfixture import LocalStack, local_stack

__all__ = ["local_stack"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_LAST = "test_secrets"
"""Looks at what all the others have left in the logs."""
_ACTION = 30_000
"""Milliseconds for one click or page on a busy machine."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the look at the logs for the end, however the others are shuffled."""
    items.sort(key=lambda item: item.path.stem == _LAST)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium of this run."""
    path = chromium()
    assert path is not None, "no Chromium: see README.md"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def album() -> Album:
    """Pictures of every page, in the folder SCREENSHOTS or .local/screenshots."""
    made = Album()
    made.folder.mkdir(parents=True, exist_ok=True)
    return made


@contextmanager
def _window(
    browser: Browser, stack: LocalStack, album: Album, size: ViewportSize, *, script: bool = True
) -> Iterator[Visitor]:
    context = browser.new_context(
        viewport=size,
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        java_script_enabled=script,
        accept_downloads=True,
    )
    context.set_default_timeout(_ACTION)
    traffic = Traffic(frozenset({stack.portal, stack.gmo, stack.mailbox}))
    traffic.listen(context)
    try:
        yield Visitor(context.new_page(), stack.portal, size, traffic, album, script)
        traffic.assert_clean()
    finally:
        context.close()


@pytest.fixture
def phone(browser: Browser, local_stack: LocalStack, album: Album) -> Iterator[Visitor]:
    """A visitor on a phone."""
    with _window(browser, local_stack, album, PHONE) as visitor:
        yield visitor


@pytest.fixture
def desktop(browser: Browser, local_stack: LocalStack, album: Album) -> Iterator[Visitor]:
    """A visitor at a PC."""
    with _window(browser, local_stack, album, DESKTOP) as visitor:
        yield visitor


@pytest.fixture
def scriptless(browser: Browser, local_stack: LocalStack, album: Album) -> Iterator[Visitor]:
    """A visitor on a phone whose browser runs no JavaScript."""
    with _window(browser, local_stack, album, PHONE, script=False) as visitor:
        yield visitor


@pytest.fixture(params=["phone", "scriptless"])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    """A phone-sized window, once with and once without JavaScript."""
    window: Visitor = request.getfixturevalue(request.param)
    return window


@pytest.fixture
def member(local_stack: LocalStack) -> Callable[[str], Person]:
    """Makes a member in one of the demo's states, whom no other test touches."""
    return local_stack.new_member


@pytest.fixture(scope="session")
def mailbox(local_stack: LocalStack) -> Mailbox:
    """Where the members' mail arrives."""
    return Mailbox(local_stack.mailbox)


@pytest.fixture
def gmo(local_stack: LocalStack) -> Iterator[Gmo]:
    """GMO's stand-in, without faults before and after."""
    standin = Gmo(local_stack.gmo)
    standin.is_well()
    yield standin
    standin.is_well()
