"""Composition root of ``settlement``: the inbox's stream, its sweep, asking GMO, reminding."""

import time
from functools import cache
from typing import Any

from functions.settlement.payers import Payers
from functions.settlement.reminding import RemindWork
from functions.settlement.work import Work
from portal.aws import dynamo, secret
from portal.billing.asking import Asking
from portal.billing.connect import settlement
from portal.billing.hints import Hints
from portal.billing.inbox import InboxStore
from portal.billing.reattach import Reattachment
from portal.billing.remind import Reminding
from portal.billing.store import BillingStore
from portal.clock import utc_now
from portal.config import Config
from portal.gmo.connect import gmo

_config = Config.from_env()


@cache
def _work() -> Work:
    # Made at the first event, so that a secret that cannot be read fails the event, not the start.
    tables, database = _config.tables, dynamo()
    store = BillingStore(database, tables.billing)
    gateway = gmo(_config, secret(_config.gmo_secret))
    settling = settlement(_config, database, gateway, utc_now)
    inbox = InboxStore(database, tables.inbox)
    payers = Payers(database, tables.members)
    reattachment = Reattachment(
        database, store, gateway, utc_now, _config.society, _config.stage, payers
    )
    hints = Hints(database, inbox, settling, reattachment, utc_now, _config.gmo_shop_id)
    return Work(inbox, hints, Asking(settling, utc_now, time.sleep), utc_now)


@cache
def _reminders() -> RemindWork:
    # Apart from the work above, because reminding needs neither GMO nor its secret.
    tables, database = _config.tables, dynamo()
    store = BillingStore(database, tables.billing)
    return RemindWork(Reminding(database, store, utc_now, _config.society, tables.outbox))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on one batch of the stream or on one task of the schedule."""

    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis() / 1000)

    if event.get("task") == "remind":
        return _reminders()(seconds_left)
    return _work()(event, seconds_left)
