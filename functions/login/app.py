"""Composition root of the function ``login``: signing in and out, help, contact, unknown pages."""

from functools import cache

from functions.login.pages import LoginPages
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.policy import PasswordPolicy
from portal.accounts.sessions import SessionStore
from portal.accounts.sign_in import SignIn
from portal.accounts.spray import Spray
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, WaitingRules
from portal.aws import dynamo, secret
from portal.clock import utc_now
from portal.config import Config
from portal.log import Masks
from portal.web.app import App
from portal.web.render import Renderer

_config = Config.from_env()
_tables = _config.tables
_database = dynamo()
_renderer = Renderer(lambda: _config.society)
_sessions = SessionStore(_database, _tables)
_rules = WaitingRules()


_mask = Masks(lambda: secret(_config.mask_secret))


@cache
def _peppers() -> Peppers:
    return Peppers.from_secret(secret(_config.pepper_secret))


_sign_in = SignIn(
    database=_database,
    credentials=CredentialStore(_database, _tables.credentials),
    sessions=_sessions,
    throttle=Throttle(_tables.throttle, _rules),
    spray=Spray(_tables.throttle, _rules),
    hasher=Hasher(_peppers, _config.bcrypt_cost),
    policy=PasswordPolicy(),
    audit_table=_tables.audit,
    mask=_mask,
)
_pages = LoginPages(
    renderer=_renderer,
    sign_in=_sign_in,
    database=_database,
    sessions=_sessions,
    audit_table=_tables.audit,
    mask=_mask,
    login_url=f"{_config.public_base_url}/member/login",
)

handler = App(_config, _database, utc_now, _renderer, _pages.routes())
