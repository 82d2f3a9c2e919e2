"""Clients for the local AWS; the endpoint is always given, so that nothing can lead elsewhere."""

import os
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.session import Session

from local.environment import REGION, loopback
from local.settings import STACK_NAME

# Where botocore looks for settings (in a file, in which variables, else): in none of them. The
# person's profiles and variables are about real accounts.
_FROM_NOWHERE: Mapping[str, tuple[None, None, str | None, None]] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "data_path": (None, None, None, None),
}

# MiniStack's own word for anybody: the account's key, which may do everything.
_ANYBODY: Mapping[str, str] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class StackMissing(Exception):
    """The stack is not deployed, or not whole; the text says what it is."""


class LocalAws:
    """Makes clients for one MiniStack."""

    def __init__(self, endpoint: str, credentials: Mapping[str, str] = _ANYBODY) -> None:
        self._endpoint = loopback(endpoint)
        self._session = Session(session_vars=_FROM_NOWHERE)
        self._credentials = credentials

    def with_keys(self, credentials: Mapping[str, str]) -> "LocalAws":
        """Return what acts with other credentials, named as a client takes them."""
        return LocalAws(self._endpoint, credentials)

    # botocore makes its client classes from data at run time, so there is no type to name here.
    def client(self, service: str) -> Any:
        """Return a client of *service*; a failed call is tried twice more at most."""
        return self._session.create_client(
            service,
            endpoint_url=self._endpoint,
            region_name=REGION,
            **self._credentials,
            config=Config(proxies={}, read_timeout=120, retries={"total_max_attempts": 3}),
        )

    def resources(self, stack: str = STACK_NAME) -> dict[str, str]:
        """Return physical names by logical id. Raises StackMissing unless the stack is whole."""
        cloudformation = self.client("cloudformation")
        try:
            status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        except cloudformation.exceptions.ClientError as error:
            raise StackMissing(str(error)) from error
        if not status.endswith("_COMPLETE") or "ROLLBACK" in status:
            raise StackMissing(f"stack {stack} is {status}")
        found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def functions(self, stack: str = STACK_NAME) -> dict[str, str]:
        """Return the physical names of the stack's functions by logical id."""
        cloudformation = self.client("cloudformation")
        found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in found
            if one["ResourceType"] == "AWS::Lambda::Function"
        }

    def settings_of_functions(self) -> Mapping[str, str]:
        """Return the environment variables that the template gives to all functions alike."""
        function = next(iter(self.functions().values()))
        answer = self.client("lambda").get_function_configuration(FunctionName=function)
        variables: dict[str, str] = answer["Environment"]["Variables"]
        return variables
