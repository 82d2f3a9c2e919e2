"""The portal's own log lines while somebody types: faults only, and apart from the answer."""

import sys
from logging import StreamHandler

from portal.log import logger


def apart() -> None:
    """Keep log lines off the output, which is the answer and for ``--json`` one object.

    Metrics count what the deployed functions do; nobody collects those of a keyboard.
    """
    logger.setLevel("WARNING")
    handler = logger.registered_handler
    if isinstance(handler, StreamHandler):
        handler.setStream(sys.stderr)
