"""What holds for every page: a title, one heading, labels, the way out, and room on a phone."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_STRUCTURE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const words = (element) => element.innerText.trim() || element.getAttribute("aria-label");
  const ids = all("[id]").map((element) => element.id);
  return {
    title: document.title.split("|")[0].trim(),
    language: document.documentElement.lang,
    headings: all("h1").length,
    unlabelled: all("input:not([type=hidden]), select, textarea")
      .filter((field) => ![...field.labels].some((label) => label.innerText.trim()))
      .map((field) => field.name),
    speechless: all("a[href], button:not([hidden])").filter((one) => !words(one))
      .map((one) => one.outerHTML),
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    dangling: all("[aria-describedby], [aria-labelledby]")
      .flatMap((one) => [one.getAttribute("aria-describedby"), one.getAttribute("aria-labelledby")])
      .flatMap((value) => (value || "").split(" ")).filter((id) => id && !ids.includes(id)),
  };
}"""
_SOUND = {
    "language": "ja",
    "headings": 1,
    "unlabelled": [],
    "speechless": [],
    "twice": [],
    "dangling": [],
}

_WIDER_THAN_THE_WINDOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > room + 1)
    .map((element) => element.outerHTML.slice(0, 120));
  return [`${document.documentElement.scrollWidth} px in ${room} px`, ...wide];
}"""

_AXE = """() => axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(" | ")}`))
"""
AXE_SCRIPT = "AXE_SCRIPT"
"""Names the variable with the path of axe.min.js (npm: axe-core); without it axe is left out."""


def assert_structure(page: Page) -> None:
    """Every input has a label, every link and button words, every page title and one heading."""
    found: dict[str, Any] = page.evaluate(_STRUCTURE)
    assert found.pop("title"), f"{page.url} has no title"
    assert found == _SOUND, f"{page.url} has {found}"


def assert_fits(page: Page) -> None:
    """Nothing is wider than the window, so nobody has to scroll sideways."""
    wide = page.evaluate(_WIDER_THAN_THE_WINDOW)
    assert not wide, f"{page.url} is wider than the window: {wide}"


def assert_accessible(page: Page) -> None:
    """With AXE_SCRIPT set: axe-core's rules find nothing."""
    path = os.environ.get(AXE_SCRIPT)
    if path is not None:
        # Evaluated by the debugger, which a page's policy does not bind.
        page.evaluate(Path(path).read_text(encoding="utf-8"))
        broken = page.evaluate(_AXE)
        assert not broken, f"{page.url} breaks {broken}"
