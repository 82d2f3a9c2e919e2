"""The routes of the template, of the code and of the portal's contract are the same."""

from typing import Any

import pytest

from functions.billing.pages import BillingPages
from functions.login.pages import LoginPages
from functions.member.pages import MemberPages
from functions.password.pages import PasswordPages
from functions.password.sessions import SessionPages
from functions.receipt.pages import ReceiptPages
from tests.unit.template.loading import events, functions, load

FUNCTIONS = functions(load())
METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}
UNKNOWN = "/{proxy+}"

CONTRACT = {
    "Login": {
        "GET /",
        "GET /member/login",
        "POST /member/login",
        "POST /member/logout",
        "GET /member/help",
        "GET /member/contact",
    },
    "Password": {
        "GET /member/password/expired",
        "GET /member/password",
        "POST /member/password",
        "GET /member/password/forgot",
        "POST /member/password/forgot",
        "GET /member/password/reset/{token}",
        "POST /member/password/reset/{token}",
        "GET /member/sessions",
        "POST /member/sessions",
    },
    "Member": {
        "GET /member",
        "GET /member/profile",
        "GET /member/profile/edit",
        "GET /member/profile/history",
        "POST /member/profile/edit",
        "POST /member/profile/confirm",
        "GET /member/email/{token}",
        "POST /member/email/{token}",
        "GET /member/mail-test",
        "POST /member/mail-test",
    },
    "Billing": {
        "GET /member/billing",
        "GET /member/billing/{invoice_id}",
        "GET /member/billing/{invoice_id}/start",
        "GET /member/billing/{invoice_id}/payment",
        "POST /member/billing/{invoice_id}/payment",
        "POST /member/billing/return",
    },
    "Receipt": {
        "POST /member/billing/{invoice_id}/receipt",
        "GET /member/billing/{invoice_id}/receipt.pdf",
    },
    "GmoWebhook": {"POST /gmo/notification"},
    "Settlement": set(),
    "Mailer": set(),
    "MailEvents": set(),
}
PAGES: dict[str, tuple[Any, ...]] = {
    "Login": (LoginPages,),
    "Password": (PasswordPages, SessionPages),
    "Member": (MemberPages,),
    "Billing": (BillingPages,),
    "Receipt": (ReceiptPages,),
}


class _Anything:
    """Stands for the pages' collaborators, none of which is used to tell the routes."""

    def __getattr__(self, name: str) -> object:
        return self


def of_template(name: str) -> set[str]:
    return {f"{one['Method'].upper()} {one['Path']}" for one in events(FUNCTIONS[name], "Api")}


def of_code(name: str) -> set[str]:
    routes = [one for pages in PAGES[name] for one in pages.routes(_Anything())]
    # The gateway serves a trailing slash by the same resource.
    return {f"{one.method} {one.path.rstrip('/') or '/'}" for one in routes}


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_the_template_serves_the_contract(name: str) -> None:
    assert {one for one in of_template(name) if UNKNOWN not in one} == CONTRACT[name]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_code_answers_what_the_template_sends_to_it(name: str) -> None:
    assert of_code(name) == CONTRACT[name]


def test_every_function_is_in_the_contract() -> None:
    assert set(FUNCTIONS) == set(CONTRACT)


def test_an_unknown_page_is_answered_by_the_portal_whatever_the_method() -> None:
    """Method by method, because the local gateway does not import ANY."""
    unknown = {one for name in FUNCTIONS for one in of_template(name) if UNKNOWN in one}
    assert unknown == {f"{method} {UNKNOWN}" for method in METHODS}
    assert unknown <= of_template("Login")
