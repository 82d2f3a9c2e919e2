"""Filters, escaping, and templates that are the same compiled and as files."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import BaseLoader, FileSystemLoader, ModuleLoader, UndefinedError

from functions.member.pages import MemberPages
from layers.build.compile_templates import compile_one
from portal.config import load_society
from portal.database import Value
from portal.mail import messages
from portal.web import render
from portal.web.app import App
from portal.web.errors import TooManyTries, Unavailable, WebError
from portal.web.http import Request
from portal.web.render import SCRIPT, STYLE, TEMPLATES, Renderer, jp_date, jp_time, yen
from tests.unit.members.desk import TABLES, Desk, areas_of, config
from tests.unit.portal.web import request, session
from tests.webclient import Browser

MAILS = Path(messages.__file__).parent / "templates"
PAGES = sorted(path.name for path in TEMPLATES.glob("*.html"))
LETTERS = sorted(path.name for path in MAILS.glob("*.txt"))


@pytest.mark.parametrize(
    ("amount", "shown"), [(0, "0円"), (999, "999円"), (12000, "12,000円"), (1234567, "1,234,567円")]
)
def test_an_amount_is_written_in_yen(amount: int, shown: str) -> None:
    assert yen(amount) == shown


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-22",
        date(2026, 11, 22),
        "2026-11-21T15:00:00.000000Z",
        "2026-11-22T14:59:59.999999Z",
        datetime(2026, 11, 21, 15, tzinfo=UTC),
    ],
)
def test_a_day_is_japans(day: str | date) -> None:
    assert jp_date(day) == "2026年11月22日"


@pytest.mark.parametrize(
    "moment", ["2026-11-22T14:59:00.000000Z", datetime(2026, 11, 22, 14, 59, tzinfo=UTC)]
)
def test_a_moment_is_shown_by_japans_clock(moment: str | datetime) -> None:
    assert jp_time(moment) == "2026年11月22日 23:59"


def loaded(template: str, **context: Any) -> str:
    made = render.environment(FileSystemLoader(TEMPLATES))
    return made.from_string(template).render(context)


def test_what_a_member_typed_is_escaped() -> None:
    assert loaded("{{ x }}", x="<script>&\"'") == "&lt;script&gt;&amp;&#34;&#39;"
    field = loaded(
        '{% from "_forms.html" import field %}{{ field("city", "市", value=x, error=x) }}',
        x='"><script>',
    )
    assert "<script>" not in field
    assert 'value="&#34;&gt;&lt;script&gt;"' in field


def test_a_name_that_is_not_given_is_an_error_and_not_empty() -> None:
    with pytest.raises(UndefinedError):
        loaded("{{ forgotten }}")


def test_no_template_has_what_the_policy_forbids() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)\s*=", text), path.name
        assert "|safe" not in text.replace(" ", ""), path.name
        expected = ["<script>{{ script }}"] if path.name == "base.html" else []
        assert re.findall(r"<script.*?(?=</script>)", text) == expected, path.name


def test_every_form_that_posts_carries_the_token() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        for form in re.findall(
            r"<form[^>]*method=.post.*?</form>", text, re.DOTALL | re.IGNORECASE
        ):
            assert "csrf_field()" in form, path.name


def test_a_page_has_the_one_style_and_script() -> None:
    page = text_of(FileSystemLoader(TEMPLATES), request(), "contact.html")
    assert f"<style>{STYLE}</style>" in page
    assert f"<script>{SCRIPT}</script>" in page


def test_a_signed_out_form_brings_its_cookie_and_a_page_without_form_none() -> None:
    society = load_society()
    made = Renderer(lambda: society)
    assert made.page(request(), "contact.html").headers == ()


# Compiled and as files


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> BaseLoader:
    target = tmp_path_factory.mktemp("pages")
    compile_one(render.environment(FileSystemLoader(TEMPLATES)), target)
    return ModuleLoader(target)


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> BaseLoader:
    target = tmp_path_factory.mktemp("letters")
    compile_one(messages.environment(FileSystemLoader(MAILS)), target)
    return ModuleLoader(target)


def text_of(loader: BaseLoader, asked: Request, template: str, **context: Any) -> str:
    society = load_society()
    body = Renderer(lambda: society, loader).page(asked, template, **context).body
    assert isinstance(body, str)
    return re.sub(r'name="csrf" value="[0-9a-f]{64}"', "", body)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_compiled(pages: BaseLoader, name: str) -> None:
    compiled = render.environment(pages).get_template(name)
    source = render.environment(FileSystemLoader(TEMPLATES)).get_template(name)
    assert set(compiled.blocks) == set(source.blocks)


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_is_compiled(letters: BaseLoader, name: str) -> None:
    assert messages.environment(letters).get_template(name).name == name


SHOWN: dict[str, dict[str, Any]] = {
    "help.html": {"questions": (), "answers": {}, "found": None},
    "contact.html": {},
    "menu.html": {"mail_fails": True},
    "forgot_sent.html": {},
    "password_expired.html": {"days": 120, "onward": "/member"},
    "error.html": {"code": "P404", "minutes": 0},
}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_page_looks_the_same_compiled(pages: BaseLoader, name: str, *, signed_in: bool) -> None:
    asked = request()
    if signed_in:
        asked = replace(asked, session=session())
    files = FileSystemLoader(TEMPLATES)
    assert text_of(pages, asked, name, **SHOWN[name]) == text_of(files, asked, name, **SHOWN[name])


@pytest.mark.parametrize("path", ["/member", "/member/profile", "/member/profile/edit"])
def test_a_members_page_looks_the_same_compiled(pages: BaseLoader, path: str) -> None:
    desk, society = Desk(), load_society()

    def shown(loader: BaseLoader) -> str:
        renderer = Renderer(lambda: society, loader)
        routes = MemberPages(desk.database, TABLES, renderer, areas_of).routes()
        browser = Browser(App(config(), desk.database, desk.clock, renderer, routes))
        browser.cookies = desk.browser.cookies
        page = browser.get(path)
        assert page.status == 200
        return re.sub(r'name="csrf" value="[0-9a-f]{64}"', "", page.text)

    assert shown(pages) == shown(FileSystemLoader(TEMPLATES))


@pytest.mark.parametrize("error", [WebError(), Unavailable(), TooManyTries(61)])
def test_an_error_looks_the_same_compiled(pages: BaseLoader, error: WebError) -> None:
    society = load_society()
    bodies = {
        Renderer(lambda: society, loader).error(request(), error).body
        for loader in (pages, FileSystemLoader(TEMPLATES))
    }
    assert len(bodies) == 1


FACTS: dict[str, Value] = {
    "title": "2026年度 年会費",
    "amount": 12_000,
    "paid_on": "2026-11-22",
    "cvs_code": "10001",
    "conf_no": "2345",
    "receipt_no": "12345678901",
    "receipt_url": "https://example.com/slip",
    "term": "2026-12-06T14:59:59.000000Z",
    "due_on": "2026-12-31",
    "today": "2026-12-01",
    "years": [{"title": "2026年度 年会費", "amount": 12_000, "due_on": "2026-12-31"}],
    "token": "A" * 43,
}


@pytest.mark.parametrize("kind", sorted(messages.KINDS))
def test_a_letter_reads_the_same_compiled(letters: BaseLoader, kind: str) -> None:
    found = messages.KINDS[kind]
    words = {**found.words(FACTS), "society": load_society(), "base_url": "https://x.example"}
    texts = {
        messages.environment(loader).get_template(found.template).render(words)
        for loader in (letters, FileSystemLoader(MAILS))
    }
    assert len(texts) == 1
