"""Loaded by schemathesis: makes forms and addresses reach what lies behind token and invoice.

Most forms get the form token of the page, so that their fields are read; one in eight keeps what
schemathesis made up. Half of the addresses of an invoice are those of the member's own.
"""

import os
from itertools import count
from typing import Any

import schemathesis

_CALLS = count()
FORM_TOKEN = "FORM-TOKEN"  # The door puts the token in its place (tests/audit/door.py).


def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Put in what only the visitor's browser knows."""
    number = next(_CALLS)
    if number % 8 and isinstance(case.body, dict) and "csrf" in case.body:
        case.body["csrf"] = FORM_TOKEN
    invoice = os.environ.get("AUDIT_INVOICE", "")
    if number % 2 and invoice and "invoice_id" in (case.path_parameters or {}):
        case.path_parameters["invoice_id"] = invoice


schemathesis.hook(before_call)
