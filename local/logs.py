"""``python -m local.logs [NAME] [MINUTES]``: what the functions of a running stack printed lately.

NAME is a part of a function's logical id, such as ``login``; PORT says which stack.
"""

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime

from local.aws import LocalAws
from local.settings import Settings


def main(arguments: Sequence[str]) -> None:
    """Print the log events of the last minutes, function by function, oldest first."""
    wanted = arguments[0] if arguments else ""
    minutes = float(arguments[1]) if len(arguments) > 1 else 10
    aws = LocalAws(Settings.from_env(os.environ).endpoint)
    since = int((time.time() - 60 * minutes) * 1000)
    for logical, function in aws.functions().items():
        if wanted.lower() in logical.lower():
            print(f"== {logical}")
            for line in _lines(aws, _group(aws, function), since):
                print(line)


def _group(aws: LocalAws, function: str) -> str:
    """Return the log group that the template gives to *function*."""
    configuration = aws.client("lambda").get_function_configuration(FunctionName=function)
    group: str = configuration["LoggingConfig"]["LogGroup"]
    return group


def _lines(aws: LocalAws, group: str, since: int) -> Sequence[str]:
    logs = aws.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since
        )
        events = [event for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return ["(nothing yet)"]
    return [f"{_clock(event['timestamp'])} {event['message'].rstrip()}" for event in events]


def _clock(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000).astimezone():%H:%M:%S}"


if __name__ == "__main__":
    main(sys.argv[1:])
