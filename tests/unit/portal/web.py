"""What the tests of the web kernel share: events of API Gateway and requests made of them."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.accounts.sessions import Session
from portal.web.http import Request, parse_event

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
MEMBER_ID = "0123456789abcdefghjkmnpqrs"


def event(**changes: Any) -> dict[str, Any]:
    """Return a GET of the sign-in page, changed."""
    return {
        "httpMethod": "GET",
        "resource": "/member/login",
        "path": "/member/login",
        "pathParameters": None,
        "queryStringParameters": None,
        "multiValueHeaders": {},
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {
            "requestId": "0f1e2d3c-0000-4000-8000-000000000000",
            "identity": {"sourceIp": "192.0.2.10"},
        },
        **changes,
    }


def posted(body: bytes, **headers: str) -> dict[str, Any]:
    """Return a POST of *body*, as the gateway hands it over."""
    return event(
        httpMethod="POST",
        body=base64.b64encode(body).decode(),
        isBase64Encoded=True,
        multiValueHeaders={name.replace("_", "-"): [value] for name, value in headers.items()},
    )


def request(**changes: Any) -> Request:
    """Return a request made of an event."""
    return parse_event(event(**changes), NOW)


def session(*, must_change: bool = False) -> Session:
    """Return a session of NOW."""
    return Session(
        member_id=MEMBER_ID,
        member_no="001234",
        token_hash="0" * 64,
        csrf="00112233445566778899aabbccddeeff",
        created_at=NOW,
        seen_at=NOW,
        idle_until=NOW + timedelta(minutes=30),
        ends_at=NOW + timedelta(hours=12),
        must_change=must_change,
    )
