"""From the name of a stage to a desk over its tables, with the rights of whoever types."""

from ops.cli import Options
from ops.desk import Desk
from ops.exits import Status
from ops.failures import Failure
from ops.output import Output
from ops.stack import NotDeployedError, config_of, database
from portal.accounts.hashing import Hasher, Peppers
from portal.aws import secret
from portal.clock import utc_now
from portal.config import Config


def reach(options: Options, out: Output) -> Desk:
    """Return the desk of a stage. Raises Failure."""
    try:
        config = config_of(options.stage)
    except NotDeployedError:
        raise Failure(f"{options.stage} はデプロイされていません。", Status.REFUSED) from None
    return Desk(
        database(),
        config.tables,
        config.society,
        utc_now,
        out,
        hasher=lambda: Hasher(lambda: _peppers(config), config.bcrypt_cost),
        mask_secret=lambda: secret(config.mask_secret),
    )


def _peppers(config: Config) -> Peppers:
    return Peppers.from_secret(secret(config.pepper_secret))
