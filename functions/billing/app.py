"""Composition root of the function ``billing``: dues, the choice of the method, the way back."""

from functools import cache

from functions.billing.come_back import ComeBack
from functions.billing.pages import BASE, BillingPages
from portal.aws import dynamo, secret
from portal.billing.inbox import InboxStore
from portal.billing.open_payment import PaymentOpening
from portal.billing.store import BillingStore
from portal.clock import utc_now
from portal.config import Config
from portal.web.app import App
from portal.web.render import Renderer

_config = Config.from_env()
_tables = _config.tables
_database = dynamo()
_store = BillingStore(_database, _tables.billing)
_renderer = Renderer(lambda: _config.society)

ON_THE_PAYERS_TIME = 7.0
"""Seconds to wait for each of the up to three answers of GMO (stop, ask, issue) behind one button:
together they stay below the 29 s after which API Gateway gives up. What did not answer in time is
an unknown outcome, which the schedule resolves."""


@cache
def _opening() -> PaymentOpening:
    # GMO's client brings requests and pydantic, which pages that only read do without.
    from portal.billing.connect import settlement
    from portal.gmo.connect import gmo

    gateway = gmo(_config, secret(_config.gmo_secret), timeout=ON_THE_PAYERS_TIME)
    return PaymentOpening(
        database=_database,
        store=_store,
        gmo=gateway,
        settlement=settlement(_config, _database, gateway, utc_now),
        clock=utc_now,
        society=_config.society,
        stage=_config.stage,
        return_url=f"{_config.public_base_url}{BASE}/return",
        audit_table=_tables.audit,
    )


@cache
def _come_back() -> ComeBack:
    inbox = InboxStore(_database, _tables.inbox)
    return ComeBack(_database, _store, inbox, secret(_config.gmo_secret))


_pages = BillingPages(_config, _database, _renderer, _opening, _come_back)

handler = App(_config, _database, utc_now, _renderer, _pages.routes())
