"""Connects the deployment's settings with settlement."""

from portal.billing.ports import Gateway
from portal.billing.settle import Settlement
from portal.billing.store import BillingStore
from portal.clock import Clock
from portal.config import Config
from portal.database import Database


def settlement(config: Config, database: Database, gmo: Gateway, clock: Clock) -> Settlement:
    """Return the settlement of this deployment's tables, asking by *gmo*."""
    return Settlement(
        database=database,
        store=BillingStore(database, config.tables.billing),
        gmo=gmo,
        clock=clock,
        society=config.society,
        stage=config.stage,
        outbox=config.tables.outbox,
        audit_table=config.tables.audit,
    )
