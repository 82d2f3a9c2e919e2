"""AWS as one person reaches it: with the rights of their own sign-in, or of a role they take on.

botocore takes a quarter of a second to load, so this module is imported by what reaches AWS only.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import botocore.session
from botocore.config import Config

REGION = "ap-northeast-1"
"""Of all stages; a test holds it against samconfig.toml."""

_PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})


class Clients(Protocol):
    """Makes clients that all act as one identity."""

    # botocore makes its client classes from data at run time, so there is no type to name here.
    def client(self, service: str) -> Any:
        """Return a client of *service*."""

    def with_keys(self, credentials: Mapping[str, str]) -> "Clients":
        """Return what acts with other credentials, named as a client takes them."""


class Aws:
    """AWS itself, whatever endpoint the person's variables or profile name."""

    def __init__(self, credentials: Mapping[str, str] | None = None) -> None:
        self._session = botocore.session.get_session()
        self._session.set_config_variable("ignore_configured_endpoint_urls", True)
        self._credentials = credentials or {}

    def client(self, service: str) -> Any:
        """Return a client of *service*."""
        return self._session.create_client(
            service, region_name=REGION, config=_PATIENCE, **self._credentials
        )

    def with_keys(self, credentials: Mapping[str, str]) -> "Aws":
        """Return what acts with other credentials."""
        return Aws(credentials)
