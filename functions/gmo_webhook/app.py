"""The door for GMO's 結果通知: keep what came, answer ``0``, and do nothing else.

This function may put rows into the inbox and has no other right. It answers ``1`` only when the
delivery could not be kept, so that GMO sends it again.
"""

from typing import Any

from functions.gmo_webhook.door import Door
from portal.aws import dynamo
from portal.clock import utc_now
from portal.config import Config

_config = Config.from_env()

_door = Door(dynamo(), _config.tables.inbox, utc_now)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one POST of GMO."""
    return _door(event)
