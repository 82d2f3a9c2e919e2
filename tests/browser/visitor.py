"""A person at a browser: opens, reads, types and presses, and looks at every page."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, ViewportSize, expect

from tests.browser.pagecheck import assert_accessible, assert_fits, assert_structure
from tests.browser.traffic import Traffic

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 844}
"""The narrowest window of WCAG 2.2, 1.4.10: 1280 px at 400 %."""

PATIENCE = 60_000
"""Milliseconds for what happens in the background; it mostly takes a few seconds."""

SESSION = "__Host-session"
_ALBUM = Path(__file__).resolve().parents[2] / ".local/screenshots"


@dataclass
class Album:
    """Pictures of the pages, each in both sizes, once a run."""

    folder: Path = field(default_factory=lambda: Path(os.environ.get("SCREENSHOTS", _ALBUM)))
    _have: set[str] = field(default_factory=set)

    def take(self, page: Page, name: str, size: str) -> None:
        """Keep a picture of the whole page as ``name-size.png``."""
        if f"{name}-{size}" not in self._have:
            self._have.add(f"{name}-{size}")
            page.screenshot(path=self.folder / f"{name}-{size}.png", full_page=True)


@dataclass
class Visitor:
    """One browser window with cookies of its own, *size* wide."""

    page: Page
    portal: str
    size: ViewportSize
    traffic: Traffic
    album: Album
    script: bool = True
    """Whether the pages' JavaScript runs."""

    def open(self, path: str) -> None:
        """Type a path of the portal, or a whole address."""
        self.page.goto(path if path.startswith("http") else self.portal + path)

    def button(self, text: str) -> Locator:
        """Return the button with exactly that text."""
        return self.page.get_by_role("button", name=text, exact=True)

    def link(self, text: str) -> Locator:
        """Return the first link with exactly that text."""
        return self.page.get_by_role("link", name=text, exact=True).first

    def press(self, text: str) -> None:
        """Press a button."""
        self.button(text).click()

    def follow(self, text: str) -> None:
        """Follow a link."""
        self.link(text).click()

    def choose(self, label: str) -> None:
        """Choose one of several."""
        self.page.get_by_label(label).check()

    def fill(self, **values: str) -> None:
        """Type into fields by their names."""
        for name, value in values.items():
            self.page.locator(f'[name="{name}"]').fill(value)

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return self.page.locator(f'[name="{name}"]').input_value()

    def reads(self, *texts: str, within: str = "main", timeout: float = PATIENCE) -> None:
        """Wait until the page says all of *texts*."""
        for text in texts:
            expect(self.page.locator(within)).to_contain_text(text, timeout=timeout)

    def reloads_until(self, text: str) -> None:
        """Load the page again until it says *text*, as one does without JavaScript."""
        ends = time.monotonic() + PATIENCE / 1000
        while text not in self.page.locator("main").inner_text():
            assert time.monotonic() < ends, f"{self.page.url} never said {text}"
            self.page.reload()

    def at(self, heading: str, *texts: str, picture: str = "") -> None:
        """Wait for the page with that heading and those texts, and look it over."""
        expect(self.page.locator("h1")).to_have_text(heading, timeout=PATIENCE)
        self.reads(*texts)
        self.look(picture)

    def look(self, picture: str = "") -> None:
        """See that the page is sound in every size, and keep pictures of it."""
        self.page.wait_for_load_state("load")
        if self.page.url.startswith(self.portal):
            assert_structure(self.page)
            if self.signed_in():
                expect(self.button("ログアウト")).to_be_visible()
            if self.script:
                assert_accessible(self.page)
        for size, name in ((NARROW, ""), (DESKTOP, "desktop"), (PHONE, "phone")):
            self.page.set_viewport_size(size)
            assert_fits(self.page)
            if picture and name:
                self.album.take(self.page, picture, name)
        self.page.set_viewport_size(self.size)

    def numbers(self) -> list[tuple[str, str]]:
        """Return the numbers set in large type, each with its label, in the page's order."""
        marked = self.page.locator("dd.number")
        labels = marked.evaluate_all(
            "all => all.map((dd) => dd.previousElementSibling.textContent.trim())"
        )
        return list(zip(labels, marked.all_inner_texts(), strict=True))

    def download(self, link: str) -> Download:
        """Follow a link to a file."""
        with self.page.expect_download() as coming:
            self.follow(link)
        return coming.value

    def signed_in(self) -> bool:
        """Tell whether the browser holds a session's cookie."""
        return any(one.get("name") == SESSION for one in self.page.context.cookies(self.portal))
