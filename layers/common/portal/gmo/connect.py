"""Connects the deployment's settings with GMO's client."""

from portal.config import Config
from portal.gmo.client import SECONDS, Gmo, Shop
from portal.gmo.transport import RequestsTransport


def gmo(config: Config, shop_pass: str, *, timeout: float = SECONDS) -> Gmo:
    """Return the client of the shop this deployment belongs to, waiting *timeout* s per answer."""
    shop = Shop(config.gmo_shop_id, shop_pass, config.gmo_config_id)
    return Gmo(RequestsTransport(), config.gmo_api_base, shop, timeout=timeout)
